/** A text in lines of at most so many characters, broken between words; a longer word is cut and ends with an ellipsis. */
export function wrapped(text: string, characters: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    const joined = last === undefined ? word : `${last} ${word}`;
    if (last !== undefined && joined.length <= characters) lines[lines.length - 1] = joined;
    else lines.push(word.length <= characters ? word : `${word.slice(0, characters - 1)}…`);
  }
  return lines;
}

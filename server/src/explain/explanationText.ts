import { evidenceText, type Explanation, type OwnerLine, type Phrase, type Statement } from './explanation.js';

/** Columns of a line at the most. */
const WIDTH = 90;

/** An explanation as plain text: the answer, a line for each backend, then notes. Lines end with \n but the last. */
export function explanationText(explanation: Explanation): string {
  const { answer, owners, notes } = explanation;
  const blocks = [
    wrapText(statementText(answer), ''),
    ownerBlock(owners),
    notes.map((note) => wrapText(statementText(note), '')).join('\n'),
  ];
  return blocks.filter((block) => block !== '').join('\n\n');
}

/** A line for each backend. */
export function ownerBlock(owners: readonly OwnerLine[]): string {
  const name = Math.max(0, ...owners.map((line) => line.title.length));
  return owners
    .map((line) => wrapText(`${line.title.padEnd(name)}  ${ownerText(line)}`, ' '.repeat(name + 2)))
    .join('\n');
}

function ownerText(line: OwnerLine): string {
  const when = line.when === null ? '' : `if ${line.when}: `;
  return `${when}${phraseText(line.kept)}${line.steps.map((step) => `; ${statementText(step)}`).join('')}`;
}

/** A statement as plain text, with its evidence in brackets. */
export function statementText(statement: Statement): string {
  const evidence = statement.evidence.map((e) => ` ${evidenceText(e)}`).join('');
  return phraseText(statement.phrases) + evidence;
}

/** Phrases without marks. */
export function phraseText(phrases: readonly Phrase[]): string {
  return phrases
    .map((phrase) => (typeof phrase === 'string' ? phrase : 'code' in phrase ? phrase.code : phrase.strong))
    .join('');
}

/** Text in lines of at most so many columns, all but the first indented. */
export function wrapText(text: string, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=\S) (?=\S)/)) {
    if (line !== '' && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = indent + word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}

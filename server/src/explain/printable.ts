/**
 * What may not reach a terminal as it is: C0 and C1 controls and DEL, which can move the cursor, set the title or answer for the user;
 * marks of writing direction, which show text in another order than it has; and what some terminals take for the end of a line.
 */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g; // eslint-disable-line no-control-regex

const NAMED: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\u001b': '\\e',
  '\u0007': '\\a',
};

/** One line of text with what is unprintable written out, as `\e` or `\u202e`: file names and literals may hold anything. */
export function printable(line: string): string {
  return line.replace(UNPRINTABLE, (character) => NAMED[character] ?? unicodeEscape(character));
}

/** Text of a tree as one line that is printable: what a label shows, whatever line ends a literal or a file's name holds. */
export function oneLine(text: string): string {
  return printable(text.replace(/\s+/g, ' '));
}

/** JSON with the same characters escaped as JSON does: what is read from it is the same. The line ends between its values stay. */
export function printableJson(json: string): string {
  return json.replace(UNPRINTABLE, (character) => (character === '\n' ? character : unicodeEscape(character)));
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

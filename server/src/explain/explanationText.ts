import { evidenceText, type Explanation, type OwnerLine, type Phrase, type Statement } from './explanation.js';

/** Columns of a line where nobody says how many there are. */
const WIDTH = 90;

/** A line of an explanation as long as it is. */
export interface ExplanationLine {
  readonly text: string;
  /** Columns that what goes on below is indented by, where the line is cut. */
  readonly hang: number;
}

/** An explanation as plain text: the answer, a line for each backend, then notes; what is not of one kind is apart by an empty line. */
export function explanationLines({ answer, owners, notes }: Explanation): ExplanationLine[] {
  const plain = (statement: Statement) => plainLine(statementText(statement));
  const blocks = [[plain(answer)], ownerTextLines(owners), notes.map(plain)];
  return blocks
    .filter((block) => block.length > 0)
    .flatMap((block, i) => [...(i === 0 ? [] : [plainLine('')]), ...block]);
}

/** A line for each backend. */
export function ownerTextLines(owners: readonly OwnerLine[]): ExplanationLine[] {
  const name = Math.max(0, ...owners.map((line) => line.title.length));
  return owners.map((line) => ({ text: `${line.title.padEnd(name)}  ${ownerText(line)}`, hang: name + 2 }));
}

/** A line whose continuations are not indented. */
export function plainLine(text: string): ExplanationLine {
  return { text, hang: 0 };
}

/** The same as one text, in lines of at most so many columns. Lines end with \n but the last. */
export function explanationText(explanation: Explanation, columns = WIDTH): string {
  return wrappedText(explanationLines(explanation), columns);
}

/** Lines as one text, each wrapped to at most so many columns where its words allow it. */
export function wrappedText(lines: readonly ExplanationLine[], columns: number): string {
  return lines.map(({ text, hang }) => wrapText(text, ' '.repeat(hang), columns)).join('\n');
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
function wrapText(text: string, indent: string, columns: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=\S) (?=\S)/)) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = indent + word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}

import { printable } from '../explain/printable.js';

/** A line of an answer, before it is fitted into a terminal. A string is plain text, wrapped as a paragraph. */
export type Line = string | StyledLine;

interface StyledLine {
  readonly text: string;
  /** `heading` is bold; `place` begins with FILE:LINE:COLUMN, so that editors jump from it. */
  readonly style?: 'heading' | 'place';
  /** Columns before what goes on below; without it, those that the line itself begins with. */
  readonly hang?: number;
}

/** What lines are fitted into. */
export interface Layout {
  /** Columns; Infinity for lines as long as they are. */
  readonly width: number;
  /** The same for lines that begin with a place: programs that read them want each whole. */
  readonly placeWidth: number;
  readonly isBold: boolean;
}

/** Lines as long as they are, without bold. */
export const UNLIMITED: Layout = { width: Infinity, placeWidth: Infinity, isBold: false };

/** What goes on below a place is indented by so many columns. */
const PLACE_HANG = 4;

export function heading(text: string): Line {
  return { text, style: 'heading' };
}

/** A line that begins with FILE:LINE:COLUMN. */
export function placeLine(text: string): Line {
  return { text, style: 'place', hang: PLACE_HANG };
}

/** Lines as text that may go to a terminal: printable, wrapped at blanks, each with its line end. */
export function layOut(lines: readonly Line[], { width, placeWidth, isBold }: Layout): string {
  return lines
    .map((line) => {
      const { text, style = null, hang } = typeof line === 'string' ? { text: line } : line;
      const wrapped = wrapText(printable(text), style === 'place' ? placeWidth : width, hang);
      return `${style === 'heading' && isBold ? bold(wrapped) : wrapped}\n`;
    })
    .join('');
}

function bold(text: string): string {
  return `\u001b[1m${text}\u001b[0m`;
}

/** A line cut at single blanks so that it fits; a word that is longer stays whole, and columns of a table stay apart. */
function wrapText(text: string, width: number, hang = indentOf(text)): string {
  if (text.length <= width) return text;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=\S) (?=\S)/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = ' '.repeat(hang) + word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}

function indentOf(text: string): number {
  return text.length - text.trimStart().length;
}

import type { TreeText } from '../../server/src/model/readTree.js';

/** The places in answers, as `FILE:LINE:COLUMN`, that no text of the tree has. */
export function placesOutside({ files }: TreeText, answers: unknown): string[] {
  const lines = new Map(files.map(({ path, text }) => [path, text.split('\n')]));
  return placesIn(answers)
    .filter(({ file, line, column }) => {
      const text = lines.get(file)?.[line - 1];
      return text === undefined || column < 1 || column > text.length + 1;
    })
    .map(({ file, line, column }) => `${file}:${line}:${column}`);
}

interface Place {
  readonly file: string;
  /** 1-based, as is the column; 1 where an answer names none. */
  readonly line: number;
  readonly column: number;
}

/** Every object in plain data that has a file and a line. */
function placesIn(data: unknown): Place[] {
  if (typeof data !== 'object' || data === null) return [];
  const { file, line, column } = { file: null, line: null, column: 1, ...data };
  const here = typeof file === 'string' && typeof line === 'number' && typeof column === 'number';
  return [...(here ? [{ file, line, column }] : []), ...Object.values(data).flatMap(placesIn)];
}

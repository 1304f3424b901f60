import type { Range } from 'vscode-languageserver';

/** Where the lines of a file are now that were elsewhere in an earlier text of it; 0-based, null where a line is not the same. */
export interface LineMoves {
  readonly now: (earlierLine: number) => number | null;
  readonly earlier: (line: number) => number | null;
}

/** The moves of a file that was not edited. */
export const NO_MOVES: LineMoves = { now: (line) => line, earlier: (line) => line };

/** Compares two texts of a file: they have their first and their last lines in common, and all between counts as another. */
export function lineMoves(earlierText: string, text: string): LineMoves {
  const before = earlierText.split('\n');
  const after = text.split('\n');
  const most = Math.min(before.length, after.length);
  let first = 0;
  while (first < most && before[first] === after[first]) first++;
  let last = 0;
  while (last < most - first && before.at(-1 - last) === after.at(-1 - last)) last++;
  const by = after.length - before.length;
  return {
    now: (line) => (line < first ? line : line >= before.length - last ? line + by : null),
    earlier: (line) => (line < first ? line : line >= after.length - last ? line - by : null),
  };
}

/** Where a range is now; null where its first or its last line is not the same. */
export function movedRange({ start, end }: Range, { now }: LineMoves): Range | null {
  const [first, last] = [now(start.line), now(end.line)];
  if (first === null || last === null) return null;
  return { start: { ...start, line: first }, end: { ...end, line: last } };
}

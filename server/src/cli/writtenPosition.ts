import { requireUsage } from './commandError.js';

/** A place in a file, as a user writes it: 1-based, columns in bytes. */
export interface WrittenPosition {
  readonly file: string;
  readonly line: number;
  readonly column: number | null;
}

/**
 * Reads FILE:LINE or FILE:LINE:COLUMN.
 * @throws CommandError for anything else, and for a line or a column 0.
 */
export function readPosition(written: string): WrittenPosition {
  const [, file = '', line = '', column] = /^(.+?):(\d+)(?::(\d+))?$/.exec(written) ?? [];
  requireUsage(file !== '', `explain wants FILE:LINE or FILE:LINE:COLUMN, not '${written}'`);
  requireUsage(
    Number(line) > 0 && (column === undefined || Number(column) > 0),
    `lines and columns count from 1: '${written}'`,
  );
  return { file, line: Number(line), column: column === undefined ? null : Number(column) };
}

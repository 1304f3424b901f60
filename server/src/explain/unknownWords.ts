import type { Reason, Unknowns } from '../backends/owner.js';
import { shortPath, statement, type Statement } from './explanation.js';

/** Why something is not known, as a sentence has it: `FILL_RSB at svm/vmenter.S:91 is not understood`. */
export function reasonText({ file, line, what, why }: Reason): string {
  return `${what}${placeText(file, line)} ${why}`;
}

function placeText(file: string, line: number | null): string {
  if (file === '') return '';
  return line === null ? ` of ${shortPath(file)}` : ` at ${shortPath(file)}:${String(line)}`;
}

/** The reason that matters most of some: the first. */
export function firstReason({ load, store }: Unknowns): Reason | null {
  return load[0] ?? store[0] ?? null;
}

/** `not known: FILL_RSB is not understood`, with the place where that is; nothing where all is known. */
export function unknownSteps(unknown: Unknowns): Statement[] {
  const reason = firstReason(unknown);
  if (!reason) return [];
  const { file, line, what, why } = reason;
  return [statement([`not known: ${what} ${why}`], line === null ? [] : [{ file, line }])];
}

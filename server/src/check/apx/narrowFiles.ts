import type { Span } from '../../syntax/text/sourceText.js';
import type { FunctionNumbers, HeldMembers } from '../../facts/regnum/functionNumbers.js';
import type { NumberMember } from '../../facts/regnum/numberMembers.js';
import type { FileNumbers } from '../../facts/regnum/treeNumbers.js';
import type { RegisterModel } from '../../model/registerModel.js';

/** The general-purpose registers without APX, and with it. */
export const OLD_COUNT = 16;
export const FULL_COUNT = 32;

/** Whether a count of registers is that of a 64-bit kernel without APX; with RIP or more among them in older trees. */
export function isTooFew(count: number | null): boolean {
  return count !== null && count >= OLD_COUNT && count < FULL_COUNT;
}

/** Something in a file. */
export type InFile<T> = T & { readonly file: string };

/** One kind of what all functions say of registers' numbers. */
export function numbersOf<K extends keyof FunctionNumbers>(
  model: RegisterModel,
  kind: K,
): InFile<FunctionNumbers[K][number]>[] {
  return inFiles(model, ({ functions }) =>
    functions.flatMap(({ start, numbers }) =>
      numbers[kind].map((fact: FunctionNumbers[K][number]) => spansAt(fact, start)),
    ),
  );
}

/** The structs of a tree that userspace sees. */
export function userspaceStructs(model: RegisterModel): InFile<HeldMembers['structs'][number]>[] {
  return inFiles(model, ({ held }) => held.structs);
}

/** The members and variables that have room for registers. */
export function membersOf(model: RegisterModel): InFile<NumberMember>[] {
  return [...inFiles(model, ({ held }) => held.members), ...numbersOf(model, 'members')];
}

function inFiles<T>(model: RegisterModel, read: (file: FileNumbers) => readonly T[]): InFile<T>[] {
  return model.numbers().files.flatMap((numbers) => read(numbers).map((fact) => ({ ...fact, file: numbers.file })));
}

/** A function's fact as one of its file, in which the function begins at `start`. */
function spansAt<T extends Span & { readonly cuts?: readonly Span[] }>(fact: T, start: number): T {
  const placed = { ...fact, ...spanAt(fact, start) };
  return fact.cuts ? { ...placed, cuts: fact.cuts.map((cut) => ({ ...cut, ...spanAt(cut, start) })) } : placed;
}

function spanAt(span: Span, start: number): Span {
  return { start: span.start + start, end: span.end + start };
}

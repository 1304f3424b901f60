import type { Span } from '../../syntax/text/sourceText.js';
import type { FunctionNumbers, HeldMembers } from '../../facts/regnum/functionNumbers.js';
import type { NumberMember } from '../../facts/regnum/numberMembers.js';
import { structMember, type NumberLink } from '../../facts/regnum/sources.js';
import type { FileNumbers } from '../../facts/regnum/treeNumbers.js';
import { CACHE_ARRAY, CACHE_STRUCT } from '../../facts/symbols/cacheNames.js';
import type { RegisterModel } from '../registerModel.js';

/*
 * What a tree says of the numbers of general-purpose registers: where they go, what holds them, what bounds them. They are read
 * when they are first asked for.
 */

export { linkName } from '../../facts/regnum/sources.js';

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
export function membersForRegisters(model: RegisterModel): InFile<NumberMember>[] {
  return [...inFiles(model, ({ held }) => held.members), ...numbersOf(model, 'members')];
}

/** Whether a member or a variable holds the number of a register. */
export function holdsNumber(model: RegisterModel, link: NumberLink): boolean {
  return model.numbers().carriers.links.has(link);
}

/** Whether an array is indexed by numbers of registers. */
export function isIndexedByNumber(model: RegisterModel, link: NumberLink): boolean {
  return model.numbers().carriers.arrays.has(link);
}

/** Whether a member or a variable is a mask with a bit for each register. */
export function isRegisterMask(model: RegisterModel, link: NumberLink): boolean {
  return model.numbers().carriers.masks.has(link);
}

/** Whether a member is one of the struct that holds the register cache. */
export function isOfCache(link: NumberLink): boolean {
  return link.startsWith(structMember(CACHE_STRUCT, ''));
}

/** Whether a member is the register cache's array. */
export function isCacheArray(link: NumberLink): boolean {
  return link === structMember(CACHE_STRUCT, CACHE_ARRAY);
}

/** The tag of the struct that a member is of. */
export function structOfMember(link: NumberLink): string {
  return link.slice(0, link.indexOf('.'));
}

function inFiles<T>(model: RegisterModel, read: (file: FileNumbers) => readonly T[]): InFile<T>[] {
  return model.numbers().files.flatMap((numbers) => read(numbers).map((fact) => ({ ...fact, file: numbers.file })));
}

/** A function's fact as one of its file, in which the function begins at `start`. */
function spansAt<T extends Span & { readonly truncations?: readonly Span[] }>(fact: T, start: number): T {
  const placed = { ...fact, ...spanAt(fact, start) };
  return fact.truncations
    ? { ...placed, truncations: fact.truncations.map((cut) => ({ ...cut, ...spanAt(cut, start) })) }
    : placed;
}

function spanAt(span: Span, start: number): Span {
  return { start: span.start + start, end: span.end + start };
}

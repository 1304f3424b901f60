import type { NarrowFacts } from '../../facts/narrowFacts.js';
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

/** One kind of facts of all files. */
export function factsOf<K extends keyof NarrowFacts>(model: RegisterModel, kind: K): InFile<NarrowFacts[K][number]>[] {
  return [...model.files].flatMap(([file, { facts }]) => {
    const own: readonly NarrowFacts[K][number][] = facts?.narrow[kind] ?? [];
    return own.map((fact) => ({ ...fact, file }));
  });
}

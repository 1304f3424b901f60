import { memoizeByIdentity } from '../../cache/memoize.js';
import type { BitmapChange } from '../../facts/registers/bitmapChanges.js';
import type { RegisterModel } from '../registerModel.js';
import { tellingFunctions, type CFunction } from './functions.js';
import { setUses, type SetUse } from './sets.js';

/** What a function does to the cache's bitmaps as a whole, not to one register's bit. */
export interface BitmapUse {
  /** The places where it clears many avail bits. */
  readonly clears: readonly SetUse[];
  /** It clears the avail bits of a mask that it is given, or those outside of it. */
  readonly clearsGiven: 'members' | 'others' | null;
  /** It clears all dirty bits, itself or by a function that does no more. */
  readonly resetsDirty: boolean;
}

/** What a function does to the cache's bitmaps; null for one that leaves them. */
export function bitmapUseOf(model: RegisterModel, fn: CFunction): BitmapUse | null {
  const clears = clearsByFunction(model).get(fn) ?? [];
  const clearsGiven = givenMasks(model).get(fn) ?? null;
  const resetsDirty = isDirtyReset(fn) || fn.c.calls.some(({ name }) => dirtyResets(model).has(name));
  return clears.length > 0 || clearsGiven !== null || resetsDirty ? { clears, clearsGiven, resetsDirty } : null;
}

const clearsByFunction = memoizeByIdentity((model: RegisterModel) => {
  const found = new Map<CFunction, SetUse[]>();
  for (const use of setUses(model)) found.set(use.fn, [...(found.get(use.fn) ?? []), use]);
  return found;
});

/** The functions that clear avail bits by a mask that they are given. */
const givenMasks = memoizeByIdentity((model: RegisterModel): ReadonlyMap<CFunction, 'members' | 'others'> => {
  const given = setUses(model).flatMap(({ by }) => (by ? [[by.fn, by.stays ? 'others' : 'members'] as const] : []));
  return new Map(given);
});

/** The names of functions that only clear all dirty bits: `kvm_reset_dirty_registers`. */
const dirtyResets = memoizeByIdentity(
  (model: RegisterModel): ReadonlySet<string> =>
    new Set(tellingFunctions(model).flatMap((fn) => (isDirtyReset(fn) && fn.c.moves.length === 0 ? [fn.name] : []))),
);

function isDirtyReset({ c }: CFunction): boolean {
  return c.bitmapChanges.some(clearsDirty);
}

/** Where a function clears all dirty bits itself. */
export interface DirtyReset {
  readonly fn: CFunction;
  readonly change: BitmapChange;
}

/** All places of a tree where all dirty bits are cleared. */
export function dirtyResetsIn(model: RegisterModel): readonly DirtyReset[] {
  return tellingFunctions(model).flatMap((fn) =>
    fn.c.bitmapChanges.filter(clearsDirty).map((change) => ({ fn, change })),
  );
}

function clearsDirty({ bitmap, operator, mask }: BitmapChange): boolean {
  return bitmap === 'dirty' && operator === '=' && /^0[uUlL]*$/.test(mask);
}

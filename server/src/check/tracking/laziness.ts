import { vendorOfFile } from '../../model/query/backends.js';
import { isOnEntryPath, type CFunction } from '../../model/query/functions.js';
import { loadingSyncOf } from '../../model/query/registers.js';
import { setSpan, setUses, type SetUse } from '../../model/query/sets.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { relatedPlace, type RelatedPlace } from '../finding.js';

/** The places where a backend makes a register unavailable by a set that names it. */
function usesClearing(model: RegisterModel, member: string, backend: string): SetUse[] {
  return setUses(model).filter(
    ({ cleared, members, fn }) =>
      cleared === 'members' && members?.includes(member) && vendorOfFile(model, fn.file) === backend,
  );
}

/** Whether a set that a backend clears names a register. */
export function isInLazySet(model: RegisterModel, member: string, backend: string): boolean {
  return usesClearing(model, member, backend).length > 0;
}

/** What makes a register lazy for a backend: the set that it is in, and where the set is cleared. */
export function lazinessPlaces(model: RegisterModel, member: string, backend: string): RelatedPlace[] {
  const uses = usesClearing(model, member, backend);
  const use = uses.find(({ fn }) => isOnEntryPath(model, fn)) ?? uses[0];
  if (!use) return [];
  const { set, fn, span } = use;
  return [
    ...(set ? [relatedPlace(setSpan(set), 'the set that makes it lazy')] : []),
    relatedPlace(span, `where ${fn.name} makes it unavailable`),
  ];
}

/** Whether a function is of a backend, or common code. */
export function isOfBackend(model: RegisterModel, { file }: CFunction, backend: string): boolean {
  const vendor = vendorOfFile(model, file);
  return vendor === null || vendor === backend;
}

/** How registers are kept whose value is in the cache at once after VM-exit, or never: what a set of those that stay names. */
const STAYING: ReadonlySet<string | null> = new Set(['switched', 'eager', 'partial', 'protected']);

/**
 * Whether a set is cleared the wrong way round: one that names mostly lazy registers is kept, or one of those that stay cleared.
 * A backend may clear what is lazy for another one: its callback then answers for what it cannot load.
 */
export function isInverted(model: RegisterModel, { members, cleared, fn }: SetUse): boolean {
  if (!members) return false;
  const backend = vendorOfFile(model, fn.file);
  const isWrong = (member: string) => {
    const sync = loadingSyncOf(model, member, backend);
    return cleared === 'others' ? sync === 'lazy' : STAYING.has(sync);
  };
  if (!isMost(members, isWrong)) return false;
  const isLazyFor = (name: string) => isMost(members, (member) => loadingSyncOf(model, member, name) === 'lazy');
  return cleared === 'others' || !model.backends.some(({ name }) => isLazyFor(name));
}

function isMost(members: readonly string[], isSo: (member: string) => boolean): boolean {
  return members.filter(isSo).length * 2 > members.length;
}

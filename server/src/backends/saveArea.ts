import { conjunction, negation, type Condition } from '../syntax/conditions/condition.js';
import { heldCondition } from '../syntax/conditions/guard.js';
import type { OwnedRegister, OwnerParts, OwnerQuery } from './backend.js';
import type { Sync } from './owner.js';
import type { Place, PlaceKind, PlaceWords } from './place.js';
import type { Phase, Transfer } from './transfer.js';

/** Segment and table registers that the enum sums up as SEGMENTS. */
export const SEGMENTS: readonly string[] = ['ES', 'CS', 'SS', 'DS', 'FS', 'GS', 'LDTR', 'TR'];

/** Whether a member of AMD's save area holds a register, by the manual's names: `save.rax`, `save.cs` (APM vol. 2, appendix B). */
export function holdsInSaveArea(field: string, register: string): boolean {
  const name = field.replace(/^save\./, '').toUpperCase();
  return register === 'SEGMENTS' ? SEGMENTS.includes(name) : name === register;
}

/** How a save area is spoken of that KVM can read. */
export function saveAreaWords(title: string): PlaceWords {
  return { title, lead: `${title} `, cell: '', kept: null, hidden: null, passing: null };
}

/** The owners of a register of a guest that hardware keeps a save area for: the VMCS, the VMCB. */
export function saveAreaOwners<T extends Transfer>(
  register: OwnedRegister,
  query: OwnerQuery<T>,
  kind: PlaceKind,
): readonly OwnerParts[] {
  const { load, store } = query.switched();
  if (load.length + store.length > 0) return [ownerParts('switched', hardwarePlace(register), { load, store })];
  const loads = [...query.loadsFrom(kind), ...query.loadsFromMemory()];
  const stores = query.storesTo(kind).filter((t) => !query.isForProtectedGuest(t));
  const running = loads.filter((t) => t.phase === 'on-demand' || t.phase === 'vm-exit');
  const [main] = running;
  if (!main) return [withoutLoads(query, kind, loads, stores)];
  const sync = running.some((t) => t.phase === 'on-demand') ? 'lazy' : 'eager';
  const conditions = query.ownConditions(running, main.from?.kind ?? kind);
  const place = placeOf(
    running.map((t) => t.from),
    kind,
  );
  if (conditions.length === 0) return [ownerParts(sync, place, { load: loads, store: stores })];
  const when = conjunction(conditions.flatMap((guard) => heldCondition(guard) ?? []));
  // Where hardware's value is not read back, guest writes trap and KVM's copy is the register.
  const set = stores.filter((t) => t.from === null);
  return [
    ownerParts(sync, place, { load: loads, store: stores }, when),
    ownerParts('intercepted', query.storage, { load: [], store: set }, negation(when)),
  ];
}

function withoutLoads<T extends Transfer>(
  query: OwnerQuery<T>,
  kind: PlaceKind,
  load: readonly T[],
  store: readonly T[],
): OwnerParts {
  const reads = query.hasCommonCopy ? [] : query.directReads(kind);
  if (!query.hasCommonCopy && reads.length + store.length > 0) {
    const places = reads.length > 0 ? reads.map((t) => t.from) : store.map((t) => t.to);
    return ownerParts('direct', placeOf(places, kind), { load: reads, store });
  }
  if (store.length === 0) return ownerParts('none', query.storage, { load, store: [] });
  return ownerParts('intercepted', query.storage, { load, store });
}

function hardwarePlace({ register, name }: OwnedRegister): Place {
  return { kind: 'hardware', name: register, register: name };
}

/** The place that several fields are together: its kind, and their names summed up. */
function placeOf(places: readonly (Place | null)[], kind: PlaceKind): Place {
  const names = [...new Set(places.flatMap((place) => (place ? [place.name] : [])))].sort();
  return { kind: places[0]?.kind ?? kind, name: joinedNames(names), register: null };
}

/** `GUEST_PDPTR0-3` for GUEST_PDPTR0 ... GUEST_PDPTR3, `save.{cs,ds}` for members of one struct; others with spaces between. */
function joinedNames(names: readonly string[]): string {
  const [first = '', second] = names;
  if (second === undefined) return first;
  const numbered = /^(.*\D)\d$/.exec(first)?.[1];
  if (numbered !== undefined && names.every((name) => name.startsWith(numbered)))
    return `${first}-${(names.at(-1) ?? '').slice(numbered.length)}`;
  const stem = first.slice(0, first.lastIndexOf('.') + 1);
  const isOneStruct = stem !== '' && names.every((name) => name.startsWith(stem));
  return isOneStruct ? `${stem}{${names.map((name) => name.slice(stem.length)).join(',')}}` : names.join(' ');
}

/** An owner with its transfers in order: what matters while the guest runs comes first. */
export function ownerParts(
  sync: Sync,
  place: Place,
  { load, store }: Pick<OwnerParts, 'load' | 'store'> = { load: [], store: [] },
  when: Condition | null = null,
): OwnerParts {
  return { when, sync, place, load: ordered(load), store: ordered(store) };
}

const PHASE_ORDER: readonly Phase[] = ['vm-exit', 'on-demand', 'vm-entry', 'set'];

/** By phase; of one phase, what the functions on the way to VM-entry do comes before what they call. */
function ordered(transfers: readonly Transfer[]): Transfer[] {
  const rank = ({ phase }: Transfer) => (PHASE_ORDER.includes(phase) ? PHASE_ORDER.indexOf(phase) : PHASE_ORDER.length);
  return [...transfers].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      Number(b.isOnEntryPath) - Number(a.isOnEntryPath) ||
      (a.file < b.file ? -1 : a.file > b.file ? 1 : a.offset - b.offset),
  );
}

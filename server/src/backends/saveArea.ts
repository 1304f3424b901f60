import { conjunction, negation, type Condition } from '../syntax/conditions/condition.js';
import { heldCondition } from '../syntax/conditions/guard.js';
import type { OwnedRegister, OwnerParts, OwnerQuery } from './backend.js';
import { isOpen, isWhileRunning, NOTHING_UNKNOWN, type Reason, type Sync, type Unknowns } from './owner.js';
import type { Place, PlaceKind, PlaceWords } from './place.js';
import type { Phase } from './phase.js';
import type { Transfer } from './transfer.js';

/** Segment and table registers that the enum sums up as SEGMENTS. */
export const SEGMENTS: readonly string[] = ['ES', 'CS', 'SS', 'DS', 'FS', 'GS', 'LDTR', 'TR'];

/** The part of a segment register that a field is of, `CS base` of `GUEST_CS_BASE`, by the manuals' names (SDM vol. 3, appendix B); null for another field. */
export function segmentIn(field: string): string | null {
  const found = SEGMENT_FIELD.exec(field);
  if (!found) return null;
  const [, segment = '', part = ''] = found;
  return [segment.toUpperCase(), part.toLowerCase().replace('ar_bytes', 'access rights').replace('_', '')]
    .join(' ')
    .trim();
}

// By the whole name: an MSR's CS or GS is none, `sysenter_cs`, `kernel_gs_base`.
const SEGMENT_FIELD = new RegExp(
  `(?:^|\\.|(?:^|[._])(?:guest|host)_)(${SEGMENTS.join('|')})(?:_(SELECTOR|BASE|LIMIT|AR_BYTES))?$`,
  'i',
);

/** Whether a member of AMD's save area holds a register, by the manual's names: `save.rax`, `save.cs` (APM vol. 2, appendix B). */
export function holdsInSaveArea(field: string, register: string): boolean {
  const name = field.replace(/^save\./, '').toUpperCase();
  return register === 'SEGMENTS' ? SEGMENTS.includes(name.replace(/_.*/, '')) : name === register;
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
  const switched = query.switched();
  const { load, store, unknown } = switched;
  if (load.length + store.length > 0) return [ownerParts('switched', hardwarePlace(register), switched)];
  const loads = [...query.loadsFrom(kind), ...query.loadsFromMemory()];
  const stores = query.storesTo(kind).filter((t) => !query.isForProtectedGuest(t));
  const running = loads.filter((t) => t.phase === 'on-demand' || t.phase === 'vm-exit');
  const [main] = running;
  if (!main) return [withoutLoads(query, kind, { load: loads, store: stores, unknown })];
  const sync = running.some((t) => t.phase === 'on-demand') ? 'lazy' : 'eager';
  const conditions = query.ownConditions(running, main.from?.kind ?? kind);
  const place = placeOf(
    running.map((t) => t.from),
    kind,
  );
  // What was not read may write it back.
  const unwritten = [...query.unreadParts(), ...query.opaqueMoves(kind).store];
  const moves = { load: loads, store: stores, unknown: { load: [], store: unwritten } };
  if (conditions.length === 0) return [ownerParts(sync, place, moves)];
  const when = conjunction(conditions.flatMap((guard) => heldCondition(guard) ?? []));
  // Where hardware's value is not read back, guest writes trap and KVM's copy is the register.
  const set = stores.filter((t) => t.phase === 'set');
  return [
    ownerParts(sync, place, moves, when),
    inOtherCase(query, { load: [], store: set, unknown: otherCaseUnknown(register, main) }, negation(when)),
  ];
}

/** What holds where hardware's value of a register is not read back: KVM's copy is the register, if its guest's writes are known to trap. */
function inOtherCase<T extends Transfer>(query: OwnerQuery<T>, moves: Moves, when: Condition): OwnerParts {
  const traps = INTERCEPT.test(when.text) || query.isSetInHandlers();
  if (traps) return ownerParts('intercepted', query.storage, { ...moves, unknown: NOTHING_UNKNOWN }, when);
  return ownerParts('unknown', query.storage, moves, when);
}

/** A condition that speaks of an intercept itself: `INTERCEPT_CR0_WRITE`, `CPU_BASED_CR3_LOAD_EXITING`. */
const INTERCEPT = /INTERCEPT|_EXITING\b/i;

function otherCaseUnknown({ register }: OwnedRegister, { file, line }: Transfer): Unknowns {
  const reason = {
    file,
    line,
    what: register,
    why: 'is read back under a condition, and no exit handler that sets it otherwise was found',
  };
  return { load: [reason], store: [] };
}

/** Moves that were found, and why there may be more. */
interface Moves {
  readonly load: readonly Transfer[];
  readonly store: readonly Transfer[];
  readonly unknown?: Unknowns;
}

/** The owner of a register whose value nothing is known to bring back from hardware while the guest runs. */
function withoutLoads<T extends Transfer>(
  query: OwnerQuery<T>,
  kind: PlaceKind,
  { load, store, unknown }: { readonly load: readonly T[]; readonly store: readonly T[]; readonly unknown: Unknowns },
): OwnerParts {
  const reads = query.hasCommonCopy ? [] : query.directReads(kind);
  if (!query.hasCommonCopy && reads.length + store.length > 0) {
    const places = reads.length > 0 ? reads.map((t) => t.from) : store.map((t) => t.to);
    return ownerParts('direct', placeOf(places, kind), { load: reads, store });
  }
  const unread = query.unread(kind);
  const opaque = query.opaqueMoves(kind);
  const doubts = {
    load: [...unknown.load, ...unread, ...opaque.load],
    store: [...unknown.store, ...unread, ...opaque.store],
  };
  const moves = { load, store, unknown: doubts };
  const readBack = load.filter(({ phase }) => READING_BACK.has(phase)).map(readBackAt);
  if (readBack.length > 0)
    return ownerParts('unknown', query.storage, {
      load,
      store,
      unknown: { ...doubts, load: [...readBack, ...doubts.load] },
    });
  if (store.length > 0 && query.isSetInHandlers()) return ownerParts('intercepted', query.storage, { load, store });
  if (isAnyUnknown(moves)) return ownerParts('unknown', query.storage, moves);
  if (store.length === 0) return ownerParts('none', query.storage, moves);
  const places = placeOf(
    store.map((t) => t.to),
    kind,
  );
  return ownerParts(store.some((t) => t.isIfDirty) ? 'lazy' : 'eager', places, moves);
}

/** Moments at which KVM reads what the guest has left in hardware, and no move of its own. */
const READING_BACK: ReadonlySet<Phase> = new Set(['ioctl', 'emulation']);

/** The doubt about a register that KVM reads back from hardware, for an ioctl or for the emulator: guests may write it without an exit. */
function readBackAt({ file, line, function: by }: Transfer): Reason {
  return { file, line, what: by, why: 'reads it back from hardware, and when else that is done was not found' };
}

function isAnyUnknown({ load, store, unknown }: Required<Moves>): boolean {
  return isOpen({ load: reasonsFor(load, unknown.load), store: reasonsFor(store, unknown.store) });
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

/** An owner with its transfers in order: what matters while the guest runs comes first. Reasons count where nothing was found. */
export function ownerParts(
  sync: Sync,
  place: Place,
  { load, store, unknown = NOTHING_UNKNOWN }: Moves = { load: [], store: [] },
  when: Condition | null = null,
): OwnerParts {
  const open = { load: reasonsFor(load, unknown.load), store: reasonsFor(store, unknown.store) };
  return { when, sync, place, load: ordered(load), store: ordered(store), unknown: open };
}

/** Nothing is unknown of what is found to be moved while the guest runs. */
function reasonsFor(found: readonly Transfer[], reasons: readonly Reason[]): readonly Reason[] {
  return found.some(isWhileRunning) ? [] : reasons;
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

import { cachePlace } from '../facts/registers/copies.js';
import { conjunction, negation, type Condition } from '../syntax/conditions/condition.js';
import { hasGuard, heldCondition, type Guard } from '../syntax/conditions/guard.js';
import type { Place, PlaceKind } from '../facts/registers/places.js';
import type { RegisterMember } from '../facts/registers/registerFile.js';
import { CACHE_MEMBER, CACHE_STRUCT } from '../facts/symbols/cacheNames.js';
import { existsInProtectedGuest, holdsRegister, saveAreaField } from './hardwareNames.js';
import type { Backend, Owner, Sync, Transfer } from './registerModel.js';
import { summaryOf } from './summary.js';
import {
  isCacheOf,
  isFetch,
  loadsFrom,
  loadsFromMemory,
  ownConditions,
  storesTo,
  type OwnerInputs,
} from './ownerInputs.js';
import type { LocatedTransfer } from './registerTransfers.js';

type OwnerParts = Omit<Owner, 'summary' | 'missing'>;

/** The owners of a register that the enum has, for every backend of the tree. */
export function ownersOf(facts: OwnerInputs, member: RegisterMember, backends: readonly Backend[]): Owner[] {
  return backends
    .flatMap((backend) => partsFor(facts, member, backend))
    .map((parts) => ({ ...parts, missing: [], summary: summaryOf(member, parts) }));
}

function partsFor(facts: OwnerInputs, member: RegisterMember, backend: Backend): OwnerParts[] {
  switch (backend.name) {
    case 'vmx':
      return hardwareOwners(facts, member, backend, 'vmcs');
    case 'svm':
      return hardwareOwners(facts, member, backend, 'vmcb');
    case 'sev-es':
      return [sevEsOwner(facts, member)];
    case 'tdx':
      return [tdxOwner(facts, member)];
    default:
      return [{ ...owner(backend.name, 'none', storagePlace(facts, member)), load: [], store: [] }];
  }
}

function owner(
  backend: string,
  sync: Sync,
  place: Place,
  load: readonly Transfer[] = [],
  store: readonly Transfer[] = [],
  when: Condition | null = null,
): OwnerParts {
  return { backend, when, sync, place, load: ordered(load), store: ordered(store) };
}

/** What matters while the guest runs comes first. */
const PHASE_ORDER: readonly string[] = ['vm-exit', 'on-demand', 'vm-entry', 'set'];

/** By phase; of one phase, what the functions on the way to VM-entry do comes before what they call. */
function ordered(transfers: readonly Transfer[]): Transfer[] {
  const rank = (t: Transfer) => (PHASE_ORDER.includes(t.phase) ? PHASE_ORDER.indexOf(t.phase) : PHASE_ORDER.length);
  return [...transfers].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      Number(b.isOnEntryPath) - Number(a.isOnEntryPath) ||
      (a.file < b.file ? -1 : a.file > b.file ? 1 : a.offset - b.offset),
  );
}

/** Where KVM keeps a register: its slot, its field, or the member that it is saved in. */
export function storageOf(facts: OwnerInputs, member: RegisterMember): string | null {
  if (member.class === 'gpr') return cachePlace(facts.symbols, member.name).name;
  const names = facts.cacheNames.get(member.name) ?? [];
  const field = [...facts.symbols.fields.values()].find((f) => f.member === member.name);
  if (!field) return names[0] ?? facts.savedIn.get(member.name) ?? null;
  // What `arch` points to has it in older trees: the way to it is as code goes it.
  const way =
    field.holder === CACHE_STRUCT
      ? undefined
      : names.find((name) => name.startsWith(`${CACHE_MEMBER}.`) && name.includes('->'));
  return way ?? cachePlace(facts.symbols, member.name).name;
}

function storagePlace(facts: OwnerInputs, member: RegisterMember): Place {
  return { kind: 'cache', name: storageOf(facts, member) ?? member.register, register: member.name };
}

/** Whether KVM's common code keeps a copy, as opposed to a vendor's own code. */
function hasCommonCopy(facts: OwnerInputs, member: RegisterMember): boolean {
  return storageOf(facts, member)?.startsWith(`${CACHE_MEMBER}.`) ?? false;
}

function hardwareOwners(facts: OwnerInputs, member: RegisterMember, backend: Backend, kind: PlaceKind): OwnerParts[] {
  const switched = switchedOwner(facts, member, backend);
  if (switched) return [switched];
  const loads = [...loadsFrom(facts, member, kind), ...loadsFromMemory(facts, member, backend.name)];
  const stores = storesTo(facts, member, kind).filter((t) => !isForProtectedGuest(facts, t));
  const running = loads.filter((t) => t.phase === 'on-demand' || t.phase === 'vm-exit');
  const [main] = running;
  if (!main) return [withoutLoads(facts, member, backend, kind, loads, stores)];
  const sync = running.some((t) => t.phase === 'on-demand') ? 'lazy' : 'eager';
  const conditions = ownConditions(facts, running, main.from?.kind ?? kind);
  const place = hardwarePlace(running, kind);
  if (conditions.length === 0) return [owner(backend.name, sync, place, loads, stores)];
  const when = conjunction(conditions.flatMap((guard) => heldCondition(guard) ?? []));
  // Where hardware's value is not read back, guest writes trap and KVM's copy is the register.
  const set = stores.filter((t) => t.from === null);
  return [
    owner(backend.name, sync, place, loads, stores, when),
    owner(backend.name, 'intercepted', storagePlace(facts, member), [], set, negation(when)),
  ];
}

function switchedOwner(facts: OwnerInputs, member: RegisterMember, backend: Backend): OwnerParts | null {
  const isSwitch = (t: LocatedTransfer) =>
    t.phase !== 'other' && (backend.entries.includes(t.node.name) || callsEntry(t, backend));
  const load = facts.from('hardware').filter((t) => t.to?.register === member.name && isSwitch(t));
  const store = facts.to('hardware').filter((t) => t.from?.register === member.name && isSwitch(t));
  if (load.length + store.length === 0) return null;
  return owner(
    backend.name,
    'switched',
    { kind: 'hardware', name: member.register, register: member.name },
    load,
    store,
  );
}

/** An assembly function that leaves VM-entry to one that it calls (`call vmx_vmenter`). */
function callsEntry(transfer: LocatedTransfer, backend: Backend): boolean {
  return transfer.node.asm?.calls.some((call) => backend.entries.includes(call.name)) ?? false;
}

function withoutLoads(
  facts: OwnerInputs,
  member: RegisterMember,
  backend: Backend,
  kind: PlaceKind,
  loads: readonly LocatedTransfer[],
  stores: readonly LocatedTransfer[],
): OwnerParts {
  if (!hasCommonCopy(facts, member)) {
    const reads = directReads(facts, member, kind);
    if (reads.length + stores.length > 0)
      return owner(backend.name, 'direct', hardwarePlace(reads, kind, stores), reads, stores);
  }
  if (stores.length === 0) return owner(backend.name, 'none', storagePlace(facts, member), loads);
  return owner(backend.name, 'intercepted', storagePlace(facts, member), loads, stores);
}

/** Functions that return hardware's own copy. */
function directReads(facts: OwnerInputs, member: RegisterMember, kind: PlaceKind): LocatedTransfer[] {
  return facts
    .from(kind)
    .filter((t) => t.isReturned && t.from && holdsRegister(t.from, member.register))
    .map((t) => ({ ...t, phase: 'on-demand' as const }));
}

/** The hardware place that loads come from: its field's name, several summed up. */
function hardwarePlace(
  loads: readonly LocatedTransfer[],
  kind: PlaceKind,
  stores: readonly LocatedTransfer[] = [],
): Place {
  const places = loads.length > 0 ? loads.map((t) => t.from) : stores.map((t) => t.to);
  const names = [...new Set(places.flatMap((place) => (place ? [place.name] : [])))].sort();
  const own = places[0]?.kind ?? kind;
  return { kind: own, name: joinedNames(names), register: null };
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

/** Whether a transfer is done only for a guest whose registers are encrypted. */
function isForProtectedGuest(facts: OwnerInputs, transfer: Transfer): boolean {
  return transfer.guards.some((guard) => hasGuard(facts.protectedConditions, guard));
}

function sevEsOwner(facts: OwnerInputs, member: RegisterMember): OwnerParts {
  const load = loadsFrom(facts, member, 'ghcb');
  const store = storesTo(facts, member, 'ghcb');
  const launch = [
    ...storesTo(facts, member, 'vmsa'),
    ...storesTo(facts, member, 'vmcb').filter((t) => isForProtectedGuest(facts, t)),
  ];
  const isKnown = existsInProtectedGuest(member.register, member.class === 'exit-info');
  const place: Place = { kind: 'vmsa', name: saveAreaField(member.register), register: null };
  if (load.length + store.length > 0) {
    const passed: Place = { kind: 'ghcb', name: load[0]?.from?.name ?? store[0]?.to?.name ?? '', register: null };
    return owner('sev-es', 'partial', passed, load, [...store, ...launch]);
  }
  const traps = writeTraps(facts, member);
  if (traps.length > 0) return owner('sev-es', 'partial', place, traps, launch);
  return isKnown
    ? owner('sev-es', 'protected', place, [], launch)
    : owner('sev-es', 'none', storagePlace(facts, member));
}

/** After a guest's write of a control register, a write trap tells KVM the new value (APM vol. 2, 15.35.6 and 15.36.15). */
function writeTraps(facts: OwnerInputs, member: RegisterMember): Transfer[] {
  const exit = `SVM_EXIT_${member.register}_WRITE_TRAP`;
  const handlers = facts.graph.tables.flatMap((table) =>
    table.handlers.filter((h) => h.index === exit).map((h) => facts.graph.find(h.function, table.file)),
  );
  const isHandler = (t: LocatedTransfer) => handlers.includes(t.node) || (t.node.c?.words.has(exit) ?? false);
  const source = facts.from('vmcb').find((t) => t.from?.name.startsWith('control.exit_info') && isHandler(t));
  return source ? [{ ...source, to: storagePlace(facts, member), phase: 'vm-exit', guards: [] }] : [];
}

function tdxOwner(facts: OwnerInputs, member: RegisterMember): OwnerParts {
  const load = loadsFrom(facts, member, 'tdx');
  const store = storesTo(facts, member, 'tdx');
  const name = load[0]?.from?.name ?? store[0]?.to?.name ?? '';
  if (load.length + store.length > 0) {
    const isEager = member.class === 'exit-info';
    return owner('tdx', isEager ? 'eager' : 'partial', { kind: 'tdx', name, register: null }, load, store);
  }
  const isKnown = existsInProtectedGuest(member.register, member.class === 'exit-info');
  return isKnown
    ? owner('tdx', 'protected', { kind: 'tdx', name: 'TDX module', register: null })
    : owner('tdx', 'none', storagePlace(facts, member));
}

/** Every transfer that a register is part of. */
export function transfersOf(facts: OwnerInputs, member: RegisterMember): LocatedTransfer[] {
  const isKept = (place: Place | null, guards: readonly Guard[]) =>
    isCacheOf(facts, place, member, guards) || (place?.kind === 'emulator' && place.register === member.name);
  return facts.ofCopies
    .filter((t) => isKept(t.to, t.guards) || isKept(t.from, t.guards))
    .map((t) => (isFetch(facts, t, member) ? { ...t, phase: 'on-demand' } : t));
}

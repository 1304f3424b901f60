import type { Place } from '../../facts/places.js';
import type { RegisterMember } from '../../facts/registerFile.js';
import { CACHE_ARRAY, CACHE_MEMBER } from '../../facts/vocabulary.js';
import type { Location } from '../../syntax/sourceText.js';
import type { Backend, Owner, Sync } from '../registerModel.js';
import type { OwnerFacts } from '../transferIndex.js';
import type { LocatedTransfer } from '../transfers.js';
import { backendsFrom } from './callContexts.js';
import type { ExtendedState } from './extendedState.js';
import { extendedSummary } from './extendedSummary.js';
import { fpregsLock } from './fpregsLock.js';
import { missingParts } from './missingParts.js';

/** One of R16-R31 in a tree, with what its owners are derived from. */
export interface ExtendedRegister {
  readonly name: string;
  /** The enum's member; null where the enum lacks it. */
  readonly member: RegisterMember | null;
  readonly state: ExtendedState;
  /** Its moves between hardware and its slot, by the backend on whose way to VM-entry they are. */
  readonly moves: ReadonlyMap<string, readonly LocatedTransfer[]>;
  /** Such moves that are on no backend's way to VM-entry. */
  readonly uncalled: readonly LocatedTransfer[];
  /** Moves between hardware and what a function gives or is given. */
  readonly accesses: readonly LocatedTransfer[];
  /** By which call the accesses come to have the FPU registers locked, and those that come to have not. */
  readonly lock: string | null;
  readonly unlocked: readonly LocatedTransfer[];
  /** Its ways to and from userspace. */
  readonly userspace: readonly LocatedTransfer[];
  /** Where a backend takes APX away from its guests, by its name. */
  readonly dropped: ReadonlyMap<string, Location>;
  /** Flags that assembly tests before it moves the register, and that C sets nowhere. */
  readonly unsetFlags: readonly string[];
}

/** What is known of a backend's owner of one of R16-R31, but for its words. */
export type ExtendedOwner = Omit<Owner, 'summary' | 'missing'>;

/** Where one of R16-R31 is while the guest runs, for every backend of the tree. */
export function extendedOwners(register: ExtendedRegister, backends: readonly Backend[]): Owner[] {
  return backends.map(({ name }) => {
    const owner = ownerFor(register, name);
    const missing = missingParts(register, owner);
    return { ...owner, missing, summary: extendedSummary(register, owner, missing) };
  });
}

/** Whether a tree has begun to keep a register for guests. */
export function isKept({ member, accesses }: Pick<ExtendedRegister, 'member' | 'accesses'>): boolean {
  return member !== null || accesses.length > 0;
}

function ownerFor(register: ExtendedRegister, backend: string): ExtendedOwner {
  const { member, name, state, accesses } = register;
  const component: Place = { kind: 'fpstate', name: state.component?.name ?? 'XSAVE', register: null };
  const owner = (sync: Sync, place: Place, used: readonly LocatedTransfer[] = []): ExtendedOwner => ({
    backend,
    when: null,
    sync,
    place,
    load: used.filter((t) => t.from?.kind === 'hardware'),
    store: used.filter((t) => t.to?.kind === 'hardware'),
  });
  if (!isKept(register)) return owner(state.component ? 'xsave' : 'none', component);
  if (backend === 'sev-es') return owner('protected', { kind: 'vmsa', name: 'VMSA', register: null });
  if (backend === 'tdx') return owner('protected', { kind: 'tdx', name: 'TDX module', register: null });
  const moves = register.moves.get(backend) ?? [];
  if (moves.length > 0)
    return owner(
      moves.every(isInWorldSwitch) ? 'switched' : 'eager',
      { kind: 'hardware', name, register: member?.name ?? null },
      moves,
    );
  if (accesses.length > 0) return owner('xsave', component, accesses);
  const slot = `${CACHE_MEMBER}.${CACHE_ARRAY}[${member?.name ?? ''}]`;
  return owner('none', { kind: 'cache', name: slot, register: member?.name ?? null });
}

/** Whether the assembly that enters the guest does a transfer, itself or by a call. */
function isInWorldSwitch({ caller, node }: LocatedTransfer): boolean {
  return (caller ?? node).asm !== null;
}

/** Collects what a tree does with one of R16-R31. */
export function extendedRegister(
  facts: OwnerFacts,
  backends: readonly Backend[],
  state: ExtendedState,
  name: string,
  member: RegisterMember | null,
): ExtendedRegister {
  const { graph, phases } = facts;
  const entries = new Map(
    backends.flatMap((backend) => backend.entries.map((entry) => [entry, backend.name] as const)),
  );
  const ofSlot = member ? facts.transfers.filter((t) => [t.from, t.to].some((p) => p?.register === member.name)) : [];
  const switched = ofSlot.filter((t) => t.from?.kind === 'hardware' || t.to?.kind === 'hardware');
  const moves = new Map<string, LocatedTransfer[]>();
  for (const move of switched)
    for (const backend of backendsFrom(graph, phases, move.caller ?? move.node, entries))
      moves.set(backend, [...(moves.get(backend) ?? []), move]);
  const isAccess = (t: LocatedTransfer) =>
    (t.from?.kind === 'hardware' && t.to === null && t.from.name === name) ||
    (t.to?.kind === 'hardware' && t.from === null && t.to.name === name);
  const accesses = facts.transfers.filter(isAccess);
  const locks = accesses.map(({ node, offset }) => fpregsLock(graph, node, offset));
  return {
    name,
    member,
    state,
    moves,
    uncalled: switched.filter((move) => ![...moves.values()].some((placed) => placed.includes(move))),
    accesses,
    lock: locks.includes(null) ? null : (locks[0] ?? null),
    unlocked: accesses.filter((_, i) => locks[i] === null),
    userspace: member
      ? ofSlot.filter(isOfUserspace)
      : facts.transfers.filter((t) => isOfUserspace(t) && isOfFpstate(t)),
    dropped: droppedBy(facts, state, entries),
    unsetFlags: unsetFlags(facts, switched),
  };
}

function isOfUserspace({ from, to }: LocatedTransfer): boolean {
  return from?.kind === 'userspace' || to?.kind === 'userspace';
}

function isOfFpstate({ from, to }: LocatedTransfer): boolean {
  return from?.kind === 'fpstate' || to?.kind === 'fpstate';
}

/** The flags that moves are under and that no C function sets. */
function unsetFlags({ graph, vocabulary }: OwnerFacts, moves: readonly LocatedTransfer[]): string[] {
  const tested = moves.flatMap((move) => move.guards.filter((guard) => vocabulary.extended.flags.has(guard)));
  if (tested.length === 0) return [];
  const set = new Set(graph.nodes.flatMap((node) => node.c?.apx.flags.map(({ flag }) => flag) ?? []));
  return [...new Set(tested)].filter((flag) => !set.has(flag));
}

/** The backends that take APX away from their guests: those whose way to VM-entry goes through the file that does. */
function droppedBy(
  { graph, phases }: OwnerFacts,
  state: ExtendedState,
  entries: ReadonlyMap<string, string>,
): ReadonlyMap<string, Location> {
  const found = new Map<string, Location>();
  for (const location of state.dropped)
    for (const node of phases.entryPath.keys())
      if (node.file === location.file)
        for (const backend of backendsFrom(graph, phases, node, entries)) found.set(backend, location);
  return found;
}

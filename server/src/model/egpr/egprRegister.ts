import type { AsmTransfer } from '../../facts/assembly/asmFunction.js';
import { egprMembers } from '../../facts/egpr/egprNames.js';
import { offsetIn, type GraphNode } from '../callGraph.js';
import type { TreeSymbols } from '../../facts/symbols/treeSymbols.js';
import { testedValue } from '../../syntax/conditions/guard.js';
import type { RegisterMember } from '../../facts/registers/registerMember.js';
import type { Location } from '../../syntax/text/sourceText.js';
import type { Unknowns } from '../../backends/owner.js';
import { switchUnknowns } from '../switchUnknowns.js';
import type { TreeBackend } from '../treeBackends.js';
import type { OwnerInputs } from '../ownerInputs.js';
import type { LocatedTransfer } from '../registerTransfers.js';
import { calledByPointer } from './calledByPointer.js';
import { backendsFrom } from './callContexts.js';
import type { ApxComponent, Support } from './apxComponent.js';
import { fpregsLock } from './fpregsLock.js';
import { mayLackApx } from './guestXcr0.js';

/** One of R16-R31 in a tree, with what its owners are derived from. */
export interface EgprRegister {
  readonly name: string;
  /** The enum's member; null where the enum lacks it. */
  readonly member: RegisterMember | null;
  readonly state: ApxComponent;
  readonly symbols: TreeSymbols;
  /** Its moves between hardware and its slot, by the backend on whose way to VM-entry they are. */
  readonly moves: ReadonlyMap<string, readonly LocatedTransfer[]>;
  /** The functions whose assembly moves it to or from memory in a tree whose enum lacks it. */
  readonly movedWithoutSlot: readonly string[];
  /** Why it is not known whether a backend's world switch moves it, by the backend. */
  readonly unknown: ReadonlyMap<string, Unknowns>;
  /** Such moves that are on no backend's way to VM-entry. */
  readonly uncalled: readonly LocatedTransfer[];
  /** Of the moves, those that run with a guest's XCR0 that may lack APX. */
  readonly unsafe: readonly LocatedTransfer[];
  /** Moves between hardware and what a function gives or is given. */
  readonly accesses: readonly LocatedTransfer[];
  /** By which call the accesses come to have the FPU registers locked; null where one comes to have not. */
  readonly lock: string | null;
  /** The accesses that some caller does not lock the FPU registers for, and those in functions that nothing calls. */
  readonly unlocked: readonly LocatedTransfer[];
  readonly idle: readonly LocatedTransfer[];
  /** Its ways to and from userspace. */
  readonly userspace: readonly LocatedTransfer[];
  /** Functions that are given the address of the slots of R16-R31, so that what they copy is not known. */
  readonly handedTo: readonly string[];
  /** Functions that copy slots of R16-R31 in C to memory, or from it, of which it is not known what it is. */
  readonly unplaced: readonly string[];
  /** The names of the backends whose guests' registers KVM cannot read. */
  readonly protectedBackends: ReadonlySet<string>;
  /** Where a backend takes APX away from its guests, by its name. */
  readonly dropped: ReadonlyMap<string, Location>;
  /** Whether a backend's guests may enable APX, by its name. */
  readonly support: ReadonlyMap<string, Support>;
  /** Flags that assembly tests before it moves the register, and that C sets nowhere. */
  readonly unsetFlags: readonly string[];
}

/** Whether a tree has begun to keep a register for guests. */
export function isKept({ member, accesses }: Pick<EgprRegister, 'member' | 'accesses'>): boolean {
  return member !== null || accesses.length > 0;
}

/** Whether a backend's guests do without APX, while another's may enable it, or it is not known whether they may. */
export function isClosedOn({ support, dropped }: Pick<EgprRegister, 'support' | 'dropped'>, backend: string): boolean {
  const isElsewhere = [...support.values()].some((one) => one !== false);
  return dropped.has(backend) || (isElsewhere && support.get(backend) === false);
}

/** What R16-R31 are read from in a tree. */
export interface EgprTree {
  readonly facts: OwnerInputs;
  readonly backends: readonly TreeBackend[];
  readonly state: ApxComponent;
}

/** Collects what a tree does with one of R16-R31. */
export function egprRegister(
  { facts, backends, state }: EgprTree,
  name: string,
  member: RegisterMember | null,
): EgprRegister {
  const { graph, phases } = facts;
  const entries = new Map(
    backends.flatMap((backend) => backend.entries.map((entry) => [entry, backend.name] as const)),
  );
  const ofSlot = member ? facts.transfers.filter((t) => [t.from, t.to].some((p) => p?.register === member.name)) : [];
  const switched = ofSlot.filter((t) => t.from?.kind === 'hardware' || t.to?.kind === 'hardware');
  const moves = new Map<string, LocatedTransfer[]>();
  for (const move of switched)
    for (const backend of backendsFrom(graph, phases, move.context?.caller ?? move.node, entries))
      moves.set(backend, [...(moves.get(backend) ?? []), move]);
  const isAccess = (t: LocatedTransfer) =>
    (t.from?.kind === 'hardware' && t.to === null && t.from.name === name) ||
    (t.to?.kind === 'hardware' && t.from === null && t.to.name === name);
  const accesses = facts.transfers.filter(isAccess);
  const locks = accesses.map(({ node, offset }) => fpregsLock(graph, node, offsetIn(node, offset)));
  const isIdle = ({ node }: LocatedTransfer) => graph.callers(node).length === 0;
  const uncalled = switched.filter((move) => ![...moves.values()].some((placed) => placed.includes(move)));
  const byPointer = calledByPointer(facts, uncalled);
  return {
    name,
    member,
    state,
    symbols: facts.symbols,
    moves,
    movedWithoutSlot: member ? [] : assemblyWith(facts, name),
    unknown: new Map(
      member
        ? backends.map((backend) => [backend.name, joined(switchUnknowns(facts, member, backend), byPointer)])
        : [],
    ),
    uncalled,
    unsafe: switched.filter((move) => mayLackApx({ graph, phases }, move)),
    accesses,
    lock: locks.includes(null) ? null : (locks[0] ?? null),
    unlocked: accesses.filter((access, i) => locks[i] === null && !isIdle(access)),
    idle: accesses.filter(isIdle),
    userspace: member
      ? ofSlot.filter(isOfUserspace)
      : facts.transfers.filter((t) => isOfUserspace(t) && isOfFpstate(t)),
    handedTo: handedTo(facts, ofSlot),
    unplaced: unplacedCopies(facts, ofSlot),
    protectedBackends: new Set(backends.flatMap(({ name: own, definition }) => (definition?.hiddenIn ? [own] : []))),
    dropped: droppedBy(facts, state, entries),
    support: new Map(
      backends.flatMap(({ name: own, definition }) => {
        const support = state.byVendor.get(definition?.vendor ?? own);
        return support === undefined ? [] : [[own, support] as const];
      }),
    ),
    unsetFlags: unsetFlags(facts, switched),
  };
}

/** The functions whose assembly moves a register to or from memory around a VM-entry. */
function assemblyWith({ graph }: OwnerInputs, name: string): string[] {
  const isMove = ({ gpr, side }: AsmTransfer) => gpr === name && side !== 'no-entry';
  return graph.nodes.filter((node) => node.asm?.transfers.some(isMove)).map((node) => node.name);
}

/** The functions that are given the address of slots, of which no copy was found at the call. */
function handedTo({ graph, symbols }: OwnerInputs, ofSlot: readonly LocatedTransfer[]): string[] {
  const names = egprMembers(symbols.registers);
  return graph.tellingNodes.flatMap((node) =>
    (node.c?.apx.handed ?? []).flatMap(({ callee, offset, isWhole }) => {
      const words = isWhole ? graph.find(callee, node.file)?.c?.words : null;
      const isOfOthers = isWhole && !names.some((name) => words?.has(name));
      return isOfOthers || isFoundAt(ofSlot, node, offset) ? [] : [callee];
    }),
  );
}

/** The functions with a copy of slots that is neither to or from hardware nor of userspace's buffer, as far as is known. */
function unplacedCopies({ graph }: OwnerInputs, ofSlot: readonly LocatedTransfer[]): string[] {
  return graph.tellingNodes.flatMap((node) =>
    (node.c?.apx.copies ?? []).flatMap(({ offset, isUnplaced }) =>
      isUnplaced && !isFoundAt(ofSlot, node, offset) ? [node.name] : [],
    ),
  );
}

function isFoundAt(transfers: readonly LocatedTransfer[], node: GraphNode, offset: number): boolean {
  return transfers.some((t) => t.node === node && offsetIn(node, t.offset) === offset);
}

function joined(some: Unknowns, more: Unknowns): Unknowns {
  return { load: [...some.load, ...more.load], store: [...some.store, ...more.store] };
}

function isOfUserspace({ from, to }: LocatedTransfer): boolean {
  return from?.kind === 'userspace' || to?.kind === 'userspace';
}

function isOfFpstate({ from, to }: LocatedTransfer): boolean {
  return from?.kind === 'fpstate' || to?.kind === 'fpstate';
}

/** The flags that moves are under and that no C function sets. */
function unsetFlags({ graph, symbols }: OwnerInputs, moves: readonly LocatedTransfer[]): string[] {
  const tested = moves
    .flatMap((move) => move.guards.flatMap((guard) => testedValue(guard)?.name ?? []))
    .filter((name) => symbols.egpr.flags.has(name));
  if (tested.length === 0) return [];
  const set = new Set(graph.tellingNodes.flatMap((node) => node.c?.apx.flags.map(({ flag }) => flag) ?? []));
  return [...new Set(tested)].filter((flag) => !set.has(flag));
}

/** The backends that take APX away from their guests: those whose way to VM-entry goes through the file that does. */
function droppedBy(
  { graph, phases }: OwnerInputs,
  state: ApxComponent,
  entries: ReadonlyMap<string, string>,
): ReadonlyMap<string, Location> {
  const found = new Map<string, Location>();
  for (const location of state.dropped)
    for (const node of phases.entryPath.keys())
      if (node.file === location.file)
        for (const backend of backendsFrom(graph, phases, node, entries)) found.set(backend, location);
  return found;
}

import { type CallGraph, type GraphNode } from './callGraph.js';
import { backendOfCallback, type TreeBackend } from './treeBackends.js';
import { placeTables } from '../backends/registry.js';
import type { Place, PlaceKind } from '../backends/place.js';
import { isCacheSlot } from '../facts/registers/copies.js';
import { distinctGuards, unionGuards, type Guard } from '../syntax/conditions/guard.js';
import type { AsmFileFacts } from '../facts/assembly/asmFile.js';
import type { FileFacts } from '../facts/fileFacts.js';
import type { RegisterMember } from '../facts/registers/registerMember.js';
import type { TreeSymbols } from '../facts/symbols/treeSymbols.js';
import { memoizeByIdentity } from '../cache/memoize.js';
import { callsOf } from './callIndex.js';
import type { Phases } from './phases.js';
import type { ModelProblem } from './modelProblem.js';
import type { OffsetMembers, SlotFinder } from './slots.js';
import { lineAt, type SourceText } from '../syntax/text/sourceText.js';
import { availabilityTest } from './availabilityGuards.js';
import { callFromCallback, type LocatedTransfer } from './registerTransfers.js';

/** What owners' inputs are made from. */
interface OwnerSources extends Pick<
  OwnerInputs,
  'symbols' | 'graph' | 'phases' | 'transfers' | 'unread' | 'slotAt' | 'offsets'
> {
  readonly files: readonly FileFacts[];
  readonly assembly: readonly AsmFileFacts[];
  readonly backends: readonly TreeBackend[];
}

/** What the owners of registers are derived from. */
export interface OwnerInputs {
  readonly symbols: TreeSymbols;
  readonly graph: CallGraph;
  readonly phases: Phases;
  readonly transfers: readonly LocatedTransfer[];
  /** Those from a kind of place, and those to one. */
  readonly from: (kind: PlaceKind) => readonly LocatedTransfer[];
  readonly to: (kind: PlaceKind) => readonly LocatedTransfer[];
  /** Those to or from a copy of registers that KVM keeps: the cache, the emulator's. */
  readonly ofCopies: readonly LocatedTransfer[];
  /** The register that guards test the availability of, or null. */
  readonly testedIn: (guards: readonly Guard[]) => string | null;
  /** The backend whose operations a callback is one of. */
  readonly backendOfCallback: (callback: GraphNode) => string | null;
  /** register -> the member of KVM's own structs that keeps it: `rflags` of `vmx->rflags`. */
  readonly savedIn: ReadonlyMap<string, string>;
  /** register -> the places of KVM's cache that transfers name for it: `vcpu->arch.cr2`. */
  readonly cacheNames: ReadonlyMap<string, readonly string[]>;
  /** Conditions under which a guest is entered whose registers are encrypted: `is_sev_es_guest(vcpu)`. */
  readonly protectedConditions: readonly Guard[];
  readonly slotAt: SlotFinder;
  readonly offsets: OffsetMembers;
  /** What of the tree could not be read. */
  readonly unread: readonly ModelProblem[];
  /** The line of an offset of a file, 1-based. */
  readonly lineOf: (file: string, offset: number) => number;
}

function byKind(
  transfers: readonly LocatedTransfer[],
  placeOf: (transfer: LocatedTransfer) => Place | null,
): (kind: PlaceKind) => readonly LocatedTransfer[] {
  const found = new Map<PlaceKind, LocatedTransfer[]>();
  for (const transfer of transfers) {
    const place = placeOf(transfer);
    if (!place) continue;
    const known = found.get(place.kind);
    if (known) known.push(transfer);
    else found.set(place.kind, [transfer]);
  }
  return (kind) => found.get(kind) ?? [];
}

function isCopy(place: Place | null): boolean {
  return place?.kind === 'cache' || place?.kind === 'emulator';
}

function cacheNamesOf(transfers: readonly LocatedTransfer[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const place of transfers.flatMap(({ from, to }) => [from, to])) {
    if (place?.kind !== 'cache' || place.register === null) continue;
    const known = names.get(place.register);
    if (known) known.push(place.name);
    else names.set(place.register, [place.name]);
  }
  return names;
}

export function ownerInputs(tree: OwnerSources): OwnerInputs {
  const { files, assembly, symbols, graph, phases, transfers, backends, unread, slotAt, offsets } = tree;
  const testedIn = memoizeByIdentity(availabilityTest(files, symbols));
  const savedIn = new Map<string, string>();
  for (const transfer of transfers) {
    const register = isUnnamedCache(transfer.to) ? testedIn(transfer.guards) : null;
    if (register !== null && transfer.to && !savedIn.has(register))
      savedIn.set(register, transfer.to.name.replace(/\[.*/, ''));
  }
  return {
    symbols,
    graph,
    phases,
    transfers,
    from: byKind(transfers, ({ from }) => from),
    to: byKind(transfers, ({ to }) => to),
    ofCopies: transfers.filter(({ from, to }) => isCopy(from) || isCopy(to)),
    testedIn,
    backendOfCallback: memoizeByIdentity((callback) => backendOfCallback(symbols.backends, graph, callback)),
    savedIn,
    cacheNames: cacheNamesOf(transfers),
    protectedConditions: protectedConditions(files, backends),
    slotAt,
    offsets,
    unread,
    lineOf: lineFinder([...files, ...assembly]),
  };
}

function lineFinder(files: readonly { readonly source: SourceText }[]): OwnerInputs['lineOf'] {
  const sources = new Map(files.map(({ source }) => [source.path, source]));
  return (file, offset) => {
    const source = sources.get(file);
    return source ? lineAt(source, offset) : 1;
  };
}

function protectedConditions(files: readonly FileFacts[], backends: readonly TreeBackend[]): Guard[] {
  // A condition distinguishes those that share another's entry from it; a call of firmware has a function of its own.
  const entries = backends.flatMap(({ definition, entries: own }) => (definition?.entry.claims ? own : []));
  return distinctGuards(entries.flatMap((entry) => callsOf(files, entry)).flatMap(({ call }) => call.guards));
}

function isUnnamedCache(place: Place | null): boolean {
  return place?.kind === 'cache' && place.register === null && !isCacheSlot(place);
}

/** Whether a place of the cache is a register's: its slot or field, or the member that KVM saves it in. */
export function isCacheOf(
  facts: OwnerInputs,
  place: Place | null,
  member: RegisterMember,
  guards: readonly Guard[],
): boolean {
  if (place?.kind !== 'cache') return false;
  if (place.register !== null) return place.register === member.name;
  const tested = facts.testedIn(guards);
  if (tested !== null) return tested === member.name;
  const saved = facts.savedIn.get(member.name);
  return saved !== undefined && lastMember(place.name) === lastMember(saved);
}

function lastMember(name: string): string {
  return /\b(\w+)(?:\[.*)?$/s.exec(name)?.[1] ?? name;
}

/** Whether a field of hardware holds a register, by the manuals' names. */
export function holdsRegister({ symbols }: OwnerInputs, place: Place, register: string): boolean {
  return placeTables(symbols.backends).kinds.get(place.kind)?.holds?.(place.name, register) ?? false;
}

/** Moves from a kind of hardware place into a register's cache. On-demand ones carry the conditions of the call to them. */
export function loadsFrom(facts: OwnerInputs, member: RegisterMember, kind: PlaceKind): LocatedTransfer[] {
  return facts
    .from(kind)
    .filter((t) => isCacheOf(facts, t.to, member, t.guards) && isRegistersField(facts, t.from, member))
    .map((t) => (isFetch(facts, t, member) ? { ...t, phase: 'on-demand' as const } : t))
    .map((t) => withCallersGuards(facts, t));
}

/** Whether a hardware place may be a register's. Where fields are called after the registers, another field's value is not the register's. */
function isRegistersField(facts: OwnerInputs, place: Place | null, member: RegisterMember): boolean {
  if (member.class === 'exit-info') return true;
  if (place === null) return false;
  const isUnnamed = !placeTables(facts.symbols.backends).kinds.get(place.kind)?.holds;
  return isUnnamed || holdsRegister(facts, place, member.register);
}

/** Whether a transfer into the cache is done because the register was found not to be available. */
export function isFetch(facts: OwnerInputs, transfer: LocatedTransfer, member: RegisterMember): boolean {
  return transfer.to?.kind === 'cache' && facts.testedIn(transfer.guards) === member.name;
}

/** Moves of a register's cache to a kind of hardware place, and values that KVM sets there for it. */
export function storesTo(facts: OwnerInputs, member: RegisterMember, kind: PlaceKind): LocatedTransfer[] {
  const isCopied = (t: LocatedTransfer) =>
    isCacheOf(facts, t.from, member, t.guards) && isRegistersField(facts, t.to, member);
  return facts.to(kind).filter((t) => isCopied(t) || isSetDirectly(facts, t, member));
}

/** A value that KVM is given and writes to the hardware's field for a register (VMCS, VMCB), not by way of the cache. */
function isSetDirectly(facts: OwnerInputs, { from, to, phase }: LocatedTransfer, member: RegisterMember): boolean {
  if (from !== null || to === null || phase !== 'set') return false;
  const { kinds } = placeTables(facts.symbols.backends);
  return kinds.get(to.kind)?.role === 'save-area' && holdsRegister(facts, to, member.register);
}

/** Loads from guest memory by a backend's callback: what its hardware has no field for. */
export function loadsFromMemory(facts: OwnerInputs, member: RegisterMember, backend: string): LocatedTransfer[] {
  return facts
    .from('memory')
    .filter((t) => isCacheOf(facts, t.to, member, []))
    .flatMap((t) => {
      const call = facts.graph
        .callers(t.node)
        .find(
          ({ caller }) => facts.phases.cacheCallbacks.includes(caller) && facts.backendOfCallback(caller) === backend,
        );
      return call
        ? [{ ...t, phase: 'on-demand' as const, guards: [...guardsOfCall(call.caller, t.node.name), ...t.guards] }]
        : [];
    });
}

function withCallersGuards(facts: OwnerInputs, transfer: LocatedTransfer): LocatedTransfer {
  if (transfer.phase !== 'on-demand') return transfer;
  const call = callFromCallback(facts.graph, facts.phases, transfer.node);
  if (!call) return transfer;
  const own = guardsOfCall(call.caller, transfer.node.name);
  return { ...transfer, guards: unionGuards(own, transfer.guards) };
}

/** The guards of a function's call of another. */
function guardsOfCall(caller: GraphNode, callee: string): readonly Guard[] {
  return caller.c?.callFacts.find((call) => call.callee === callee)?.guards ?? [];
}

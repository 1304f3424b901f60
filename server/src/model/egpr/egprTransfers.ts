import type { FactsOrigin, LocatedTransfer } from '../registerTransfers.js';
import { fileOffset, offsetIn, type CallGraph, type GraphNode } from '../callGraph.js';
import type { Place } from '../../backends/place.js';
import type { TreeSymbols } from '../../facts/symbols/treeSymbols.js';
import { cachePlace } from '../../facts/registers/copies.js';
import { unionGuards, type Guard } from '../../syntax/conditions/guard.js';
import type { EgprCopy } from '../../facts/egpr/egprCopies.js';
import type { EgprMove } from '../../facts/egpr/egprMoves.js';
import { membersOfPlace, slotMembers } from '../../facts/egpr/slotsPlace.js';
import { FPSTATE_COPIES, USERSPACE_STRUCT } from '../../facts/egpr/fpuInterfaces.js';
import type { FileFacts } from '../../facts/fileFacts.js';
import type { RegisterFile } from '../../facts/registers/registerFile.js';
import { EGPRS } from '../../syntax/x86/registers.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import { locationAt, type SourceText } from '../../syntax/text/sourceText.js';
import type { Phases } from '../phases.js';
import type { XsaveModel } from '../xsave/xsaveModel.js';
import { FARTHEST, withCallers } from '../callWalk.js';
import { callContexts, guardsAt } from './callContexts.js';
import { flagConditions, withFlagConditions } from './flagConditions.js';
import { withoutRepeatedTests } from './hostTests.js';

/** What the transfers of R16-R31 are made from. */
interface EgprSources {
  readonly files: readonly FileFacts[];
  readonly symbols: TreeSymbols;
  readonly graph: CallGraph;
  readonly phases: Phases;
  readonly xsave: XsaveModel;
}

/**
 * The transfers of a tree, with those of R16-R31 that C functions do. A helper's transfer of R16-R31 is there once for each
 * place on the way to VM-entry that it is called from; where assembly tests a flag before one, the conditions are known under
 * which C sets it.
 */
export function withEgprTransfers(sources: EgprSources, transfers: readonly LocatedTransfer[]): LocatedTransfer[] {
  const { files, symbols, graph } = sources;
  const flags = flagConditions(graph);
  const sourceOf = new Map(files.map((file) => [file.source.path, file.source]));
  const inC = files.flatMap(({ source, tellingFunctions }) =>
    tellingFunctions.flatMap(({ start, facts: { name, apx } }) => {
      const isWanted = apx.moves.length + apx.copies.length > 0;
      const node = isWanted ? graph.find(name, source.path) : null;
      if (!node) return [];
      const origin = { source, start, node };
      const copies = apx.copies.flatMap((copy) => copyTransfers(sources, origin, copy));
      return [...apx.moves.map((move) => moveTransfer(sources, origin, move)), ...copies];
    }),
  );
  const inCore = inC.some(({ phase }) => phase === 'on-demand') ? fpstateCopies(sources) : [];
  const all = [...transfers, ...inC, ...inCore, ...helpersCopies(sources)];
  const switched = all.filter((transfer) => isSwitched(transfer, symbols.registers));
  return all.flatMap((transfer) => {
    if (!isSwitched(transfer, symbols.registers)) return [transfer];
    const isSwap = switched.some((other) => isSwappedWith(transfer, other));
    return inContexts(sources, transfer, sourceOf)
      .filter((found) => !(isSwap && isOfHost(found)))
      .map((found) => ({
        ...found,
        guards: withoutRepeatedTests(withFlagConditions(found.guards, flags)),
        conditions: withoutRepeatedTests(withFlagConditions(found.conditions, flags)),
      }));
  });
}

/** Whether two transfers are the halves of one XCHG of a register and its slot. */
function isSwappedWith(one: LocatedTransfer, other: LocatedTransfer): boolean {
  const isThere = one.file === other.file && one.offset === other.offset;
  return isThere && one.from?.kind === other.to?.kind && one.from?.register === other.to?.register;
}

/** Whether a half of a swap moves the host's value: to the slot before VM-entry, and back behind VM-exit. */
function isOfHost({ from, phase }: LocatedTransfer): boolean {
  return phase === (from?.kind === 'hardware' ? 'vm-entry' : 'vm-exit');
}

/** Whether a transfer is one between R16-R31 in hardware and in the cache. */
function isSwitched({ from, to }: LocatedTransfer, registers: RegisterFile): boolean {
  const slot = from?.kind === 'hardware' ? to : to?.kind === 'hardware' ? from : null;
  return EGPRS.has(registers.byName.get(slot?.register ?? '')?.register ?? '');
}

/** A move that inline assembly does: between hardware and the cache, or hardware and what the function is given or gives. */
function moveTransfer({ symbols, graph, phases }: EgprSources, origin: FactsOrigin, move: EgprMove): LocatedTransfer {
  const { node } = origin;
  const hardware: Place = { kind: 'hardware', name: move.gpr, register: null };
  const slot = move.slot === null ? null : cachePlace(symbols, move.slot);
  const [from, to] = move.access === 'read' ? [hardware, slot] : [slot, hardware];
  const guards = slot === null ? unionGuards(callersGuards(graph, node), move.guards) : move.guards;
  const base = transferBase(origin, move.offset, guards);
  const phase = slot === null ? 'on-demand' : phases.at(node, offsetIn(node, base.offset));
  return {
    ...base,
    from,
    to,
    phase,
    other: slot === null ? move.other : '',
    isOnEntryPath: phases.entryPath.has(node),
  };
}

/** The conditions under which a function is called, where only one other function does. */
function callersGuards(graph: CallGraph, node: GraphNode): readonly Guard[] {
  const [only, another] = graph.callers(node);
  return only && !another ? guardsAt(graph, only) : [];
}

/** The buffer in userspace's struct. */
const USERSPACE: Place = { kind: 'userspace', name: `${USERSPACE_STRUCT}.region`, register: null };

/** Userspace's side of the copy of slots at an offset, as the transfers of XSAVE state have it; null for a copy to or from other memory. */
function userspaceSide({ xsave }: EgprSources, node: GraphNode, offset: number): Place | null {
  const copy = xsave.transfers.find((t) => t.side === 'userspace' && t.file === node.file && t.offset === offset);
  return copy ? ([copy.from, copy.to].find(({ kind }) => kind === 'userspace') ?? null) : null;
}

/** The copies of the whole guest fpstate, R16-R31 in it, that KVM leaves to the FPU core. */
function fpstateCopies({ files, graph }: EgprSources): LocatedTransfer[] {
  const fpstate: Place = { kind: 'fpstate', name: 'guest fpstate', register: null };
  return files.flatMap(({ source, functions }) =>
    functions.flatMap(({ start, facts: fn }) =>
      fn.calls.flatMap(({ name, offset }) => {
        const way = FPSTATE_COPIES.get(name);
        const node = way === undefined ? null : graph.find(fn.name, source.path);
        if (!node) return [];
        const guards = fn.callFacts.find((call) => call.offset === offset)?.guards ?? [];
        const [from, to] = way === 'out' ? [fpstate, USERSPACE] : [USERSPACE, fpstate];
        return [{ ...transferBase({ source, start, node }, offset, guards), from, to, phase: 'ioctl' as const }];
      }),
    ),
  );
}

/** A copy of slots: to or from hardware by way of an accessor, or userspace's buffer; of others nothing is said. */
function copyTransfers(sources: EgprSources, origin: FactsOrigin, copy: EgprCopy): LocatedTransfer[] {
  const { symbols, graph, phases } = sources;
  const { node } = origin;
  const accessor = copy.by === null ? null : graph.find(copy.by, node.file);
  const isOfHardware = accessor !== null && hardwareAccessors(graph).has(accessor);
  const memory = isOfHardware ? null : userspaceSide(sources, node, origin.start + copy.offset);
  if (!isOfHardware && !memory) return [];
  const members = slotMembers(symbols.registers, copy.first, copy.isRange);
  const base = transferBase(origin, copy.offset, copy.guards);
  return members.map((member) => {
    const slot = cachePlace(symbols, member.name);
    const other: Place = memory ?? { kind: 'hardware', name: member.register, register: null };
    const [from, to] = copy.access === 'read' ? [slot, other] : [other, slot];
    return { ...base, from, to, phase: isOfHardware ? phases.at(node, offsetIn(node, base.offset)) : 'ioctl' };
  });
}

/** The copies between slots and userspace's buffer that helpers do which are given the address of both, each at the call of the helper. */
function helpersCopies({ symbols, xsave }: EgprSources): LocatedTransfer[] {
  const found = xsave.transfers
    .filter(({ side, through }) => side === 'userspace' && through.length > 0)
    .flatMap((t) =>
      [t.from, t.to].flatMap((place) =>
        membersOfPlace(symbols.registers, place).map((member): LocatedTransfer => {
          const slot = cachePlace(symbols, member.name);
          const [from, to] = place === t.from ? [slot, t.to] : [t.from, slot];
          return { ...t, from, to, other: '', phase: 'ioctl', isReturned: false };
        }),
      ),
    );
  // One for all ioctls.
  return [
    ...new Map(
      found.map((t) => [`${t.file} ${String(t.offset)} ${t.from?.register ?? ''} ${t.to?.register ?? ''}`, t]),
    ).values(),
  ];
}

/** The functions that access one of R16-R31 in hardware, themselves or by what they call. */
const hardwareAccessors = memoizeByIdentity((graph: CallGraph): ReadonlySet<GraphNode> => {
  const direct = graph.tellingNodes.filter((node) => node.c?.apx.moves.some((move) => move.slot === null));
  return withCallers(graph, direct, { most: FARTHEST.accessorToAssembly });
});

type TransferBase = Omit<LocatedTransfer, 'from' | 'to' | 'phase'>;

function transferBase({ source, start, node }: FactsOrigin, at: number, guards: readonly Guard[]): TransferBase {
  const offset = start + at;
  return {
    ...locationAt(source, offset),
    offset,
    statement: offset,
    function: node.name,
    guards,
    isIfDirty: false,
    conditions: guards.filter((guard) => guard.kind !== 'case'),
    other: '',
    isOnEntryPath: false,
    isOnVmFail: false,
    isAddress: false,
    call: null,
    node,
    isPartial: false,
    isReturned: false,
  };
}

/** A helper's transfer as each of its callers on the way to VM-entry has it; itself where there is none. */
function inContexts(
  { graph, phases }: EgprSources,
  transfer: LocatedTransfer,
  sourceOf: ReadonlyMap<string, SourceText>,
): LocatedTransfer[] {
  const contexts = callContexts(graph, phases, transfer.node);
  if (contexts.length === 0) return [transfer];
  return contexts.map((context) => {
    const { phase, guards, caller, offset } = context;
    const source = sourceOf.get(caller.file);
    const call = source ? { ...locationAt(source, fileOffset(caller, offset)), function: caller.name } : null;
    const all = unionGuards(guards, transfer.guards);
    return { ...transfer, phase, guards: all, conditions: unionGuards(guards, transfer.conditions), call, context };
  });
}

import { placeTables } from '../backends/registry.js';
import type { Phase } from '../backends/phase.js';
import type { Transfer } from '../backends/transfer.js';
import type { Place } from '../backends/place.js';
import type { TreeSymbols } from '../facts/symbols/treeSymbols.js';
import { cachePlace } from '../facts/registers/copies.js';
import type { FileFacts } from '../facts/fileFacts.js';
import type { Move } from '../facts/registers/moves.js';
import { locationAt, type SourceText } from '../syntax/text/sourceText.js';
import type { CallContext } from './egpr/callContexts.js';
import { isChoice } from '../syntax/conditions/guard.js';
import { offsetIn, type CallEdge, type CallGraph, type GraphNode } from './callGraph.js';
import type { Phases } from './phases.js';
import type { SlotMove } from './slots.js';
import type { Steps } from './steps.js';
import { placeInCurrent } from './foreignAreas.js';
import { placeByCallers } from './vmcbParameters.js';

/** The transfers of a tree, with the function that each is in. */
export interface LocatedTransfer extends Transfer {
  readonly node: GraphNode;
  /** Of assembly, the function whose world switch it is part of: the one that calls it, where it stands in a helper. */
  readonly switchedIn?: GraphNode;
  /** It is what its function returns. */
  readonly isReturned: boolean;
  /** The way to it that `call` is of. */
  readonly context?: CallContext;
}

/** What a tree's transfers are made from. `sources`: those of the assembly. */
interface TransferSources {
  readonly files: readonly FileFacts[];
  readonly slots: readonly SlotMove[];
  readonly symbols: TreeSymbols;
  readonly graph: CallGraph;
  readonly phases: Phases;
  readonly sources: ReadonlyMap<string, SourceText>;
}

/** All moves of a tree as transfers, in steps, one for each file: C's with the phase of their function, assembly's with their side of VM-entry. */
export function* allTransfers(all: TransferSources): Steps<LocatedTransfer[], 'model'> {
  const { files, slots, symbols, graph, phases, sources } = all;
  const found: LocatedTransfer[] = [];
  for (const file of files) {
    yield 'model';
    for (const { start, facts } of file.tellingFunctions) {
      const node = graph.find(facts.name, file.source.path);
      if (!node) continue;
      for (const move of facts.moves) found.push(transferOfMove(all, { source: file.source, start, node }, move));
    }
  }
  for (const slot of slots) {
    const source = sources.get(slot.file);
    const node = graph.find(slot.function.name, slot.file);
    if (!source || !node || !slot.isGuest) continue;
    const { root, rootFile } = slot.transfer;
    const switchedIn = (root === null ? null : graph.find(root, rootFile ?? slot.file)) ?? node;
    const isOnEntryPath = !phases.isOfOtherHypervisor(switchedIn);
    found.push({ ...slotTransfer(symbols, source, node, slot), switchedIn, isOnEntryPath });
  }
  return found;
}

/** A function that facts are of: its file, where in that it begins, and the node of its name. */
export interface FactsOrigin {
  readonly source: SourceText;
  readonly start: number;
  readonly node: GraphNode;
}

/** What a move depends on beside its function. */
type MoveSources = Pick<TransferSources, 'symbols' | 'graph' | 'phases'>;

/** A move of a function's as a transfer of the tree. */
export function transferOfMove(
  sources: MoveSources,
  { source, start, node }: FactsOrigin,
  found: Move,
): LocatedTransfer {
  const { phases, graph, symbols } = sources;
  const isMember = (name: string) => symbols.registers.byName.has(name);
  const placeOfTree = (place: Place | null) =>
    placeInCurrent(graph, node, placeByCallers(graph, node, place), found.offset);
  const move = {
    ...found,
    from: placeOfTree(found.from),
    to: placeOfTree(found.to),
  };
  const offset = start + move.offset;
  return {
    from: move.from,
    to: move.to,
    ...locationAt(source, offset),
    offset,
    statement: start + move.statement,
    function: node.name,
    phase: phaseOf(sources, node, move, offset),
    guards: move.guards,
    isIfDirty: phases.testsDirty(move.guards),
    conditions: move.guards.filter((guard) => !isChoice(guard, isMember) && !phases.testsRegister(guard)),
    other: move.other,
    node,
    isPartial: move.isPartial,
    isReturned: move.isReturned,
    isAddress: move.isAddress,
    isOnEntryPath: phases.entryPath.has(node),
    isOnVmFail: false,
    call: null,
  };
}

function phaseOf(sources: MoveSources, node: GraphNode, move: Move, offset: number): Phase {
  const { symbols, phases } = sources;
  const target = placeTables(symbols.backends).kinds.get(move.to?.kind ?? '')?.role;
  if (target === 'launch-area') return 'launch';
  const isSaveArea = target === 'save-area';
  // Dirty means: to be written back before the next VM-entry.
  if (isSaveArea && phases.testsDirty(move.guards)) return 'vm-entry';
  const isSet = isSaveArea && !phases.hasOwnContext(node) && (move.isGiven || isSettersHelper(sources, node, move));
  return isSet ? 'set' : phases.at(node, offsetIn(node, offset));
}

/**
 * Whether a function's caller has just set the register which it copies, `update_cr0_intercept()` in `svm_set_cr0()`, and none
 * copies it for a purpose such as nested state.
 */
function isSettersHelper({ graph, phases }: MoveSources, node: GraphNode, { from }: Move): boolean {
  if (from?.kind !== 'cache' || from.register === null) return false;
  const setsIt = ({ caller }: CallEdge) =>
    caller.c?.moves.some(({ to, isGiven }) => isGiven && to?.register === from.register) ?? false;
  const callers = graph.callers(node);
  return callers.some(setsIt) && callers.every((edge) => setsIt(edge) || !phases.hasOwnContext(edge.caller));
}

function slotTransfer(
  symbols: TreeSymbols,
  source: SourceText,
  node: GraphNode,
  slot: SlotMove,
): Omit<LocatedTransfer, 'isOnEntryPath'> {
  const { transfer, member } = slot;
  const hardware: Place = { kind: 'hardware', name: transfer.gpr ?? member.register, register: null };
  const cache = cachePlace(symbols, member.name);
  const isLoad = transfer.direction === 'load';
  const { start: offset } = transfer.instruction;
  return {
    from: isLoad ? cache : hardware,
    to: isLoad ? hardware : cache,
    ...locationAt(source, offset),
    offset,
    statement: offset,
    function: node.name,
    phase: transfer.side === 'before-entry' ? 'vm-entry' : transfer.side === 'after-entry' ? 'vm-exit' : 'other',
    guards: transfer.guards,
    isIfDirty: false,
    conditions: transfer.guards,
    other: '',
    node,
    isPartial: false,
    isReturned: false,
    isAddress: false,
    isOnVmFail: transfer.isOnVmFail,
    call: null,
  };
}

/** The call by which a function is reached on demand, to say under which conditions; null when it is the callback itself. */
export function callFromCallback(graph: CallGraph, phases: Phases, node: GraphNode): CallEdge | null {
  if (phases.cacheCallbacks.includes(node)) return null;
  return graph.callers(node).find((edge) => phases.cacheCallbacks.includes(edge.caller)) ?? null;
}

import { operationName, tableOfCall, type CallGraph, type GraphNode } from './callGraph.js';
import { placeTables } from '../backends/registry.js';
import { PRIORITY, PURPOSES, type Phase } from '../backends/phase.js';
import { wordsIn } from '../syntax/conditions/condition.js';
import { certainLiterals, literalsOf, mentionsAny, type Guard } from '../syntax/conditions/guard.js';
import type { FileFacts } from '../facts/fileFacts.js';
import type { FunctionFacts } from '../facts/functionFacts.js';
import type { Move } from '../facts/registers/moves.js';
import { AVAILABLE_BITMAP, DIRTY_BITMAP } from '../facts/symbols/cacheNames.js';
import type { IndexedKind, TreeSymbols } from '../facts/symbols/treeSymbols.js';
import { memoizeByIdentity } from '../cache/memoize.js';
import { operationCalls } from './callIndex.js';
import { doneAt } from './evaluationOrder.js';
import { callersByDistance, FARTHEST, type CallerStep } from './callWalk.js';
import { vendorsByFile } from './vendorFiles.js';
import { otherHypervisor, pathToEntry, type EntryPoint } from './vmEntryPath.js';

/** Tells when code runs, from who calls it. */
export interface Phases {
  /** When the code at an offset of a function, counted from its start, runs. */
  readonly at: (node: GraphNode, offset: number) => Phase;
  /** Whether the code that a function is nearest to, up its callers, is of one kind: what more than one need says nothing of when. */
  readonly isOfOnePhase: (node: GraphNode) => boolean;
  /** Whether a function is for one purpose by what it works on itself: nested state, SMM, reset, an ioctl, emulation. */
  readonly hasOwnContext: (node: GraphNode) => boolean;
  /** Whether a function runs only while a vCPU is made, before its first VM-entry. */
  readonly isCreation: (node: GraphNode) => boolean;
  /** Whether guards hold a test that a register is dirty. */
  readonly testsDirty: (guards: readonly Guard[]) => boolean;
  /** Whether guards hold a test that a register is available in the cache. */
  readonly testsAvailable: (guards: readonly Guard[]) => boolean;
  /** Whether a guard is a test of a register's avail or dirty bit. */
  readonly testsRegister: (guard: Guard) => boolean;
  /** The functions on the way to a VM-entry, with where in them it happens. */
  readonly entryPath: ReadonlyMap<GraphNode, EntryPoint>;
  /** Whether a function is of another hypervisor in the tree than KVM, which runs no vCPU of KVM's. */
  readonly isOfOtherHypervisor: (node: GraphNode) => boolean;
  /** The operations' implementations that fetch a register on demand. */
  readonly cacheCallbacks: readonly GraphNode[];
}

/** Derives the phases of a tree's functions. */
export function phasesOf(files: readonly FileFacts[], graph: CallGraph, symbols: TreeSymbols): Phases {
  const entryPath = vmEntryPath(graph);
  const callbacks = fetchingOperations(files, graph, symbols);
  const fetches = new Set([...callbacks, ...fetchesForCallers(graph, symbols, entryPath)]);
  const vendors = vendorsByFile(graph)(symbols.backends);
  const known = new Map<GraphNode, readonly Phase[]>();
  const nearest = (node: GraphNode): readonly Phase[] => {
    const found = known.get(node) ?? nearestPhases(graph, node, { entryPath, fetches, vendors });
    known.set(node, found);
    return found;
  };
  const others = otherFunctions(graph);
  const at = (node: GraphNode, offset: number): Phase => {
    if (others.has(node)) return 'other';
    const entry = entryPath.get(node);
    if (entry && !fetches.has(node)) return aroundEntry(node, entry, offset);
    return firstPhase(nearest(node));
  };
  const availableTests = testNames(symbols, 'test-available', AVAILABLE_BITMAP);
  const dirtyTests = testNames(symbols, 'test-dirty', DIRTY_BITMAP);
  const tests = new Set([...availableTests, ...dirtyTests]);
  return {
    at,
    isOfOnePhase: (node) => entryPath.has(node) || new Set(nearest(node)).size <= 1,
    isCreation: (node) => isCreation(graph, node, new Set()),
    hasOwnContext: (node) => ownPhases(node, fetches).length > 0,
    testsRegister: (guard) => mentionsAny(guard, tests),
    testsDirty: (guards) => guards.some((guard) => mentionsAny(guard, dirtyTests)),
    testsAvailable: (guards) =>
      certainLiterals(guards).some(
        ({ atom, holds }) => holds && wordsIn(atom).some((word) => availableTests.has(word)),
      ),
    entryPath,
    isOfOtherHypervisor: (node) => others.has(node),
    cacheCallbacks: [...callbacks],
  };
}

/** Bits of CR0 and CR4 that a guest sets without an exit, and that were fetched at each read before 5.8: `cr4_guest_owned_bits`. */
const GUEST_OWNED_BITS = '_guest_owned_bits';

/**
 * The functions that fetch a register when it is read: what an operation calls under a test that the register is not
 * available, and what such a function hands on to (`vt_cache_reg` calls `vmx_cache_reg`).
 */
function fetchingOperations(files: readonly FileFacts[], graph: CallGraph, symbols: TreeSymbols): Set<GraphNode> {
  const tests = testNames(symbols, 'test-available', AVAILABLE_BITMAP);
  const isTested = (guards: readonly Guard[]) =>
    literalsOf(guards).some(({ atom: { words }, holds }) =>
      words.some((word) => (holds ? word.endsWith(GUEST_OWNED_BITS) : tests.has(word))),
    );
  const found = new Set<GraphNode>();
  const tested = operationCalls(files).filter((call) => isTested(call.guards));
  const fetching = tested.flatMap((call) => graph.implementations(operationName(call.callee), tableOfCall(call)));
  for (const node of new Set(fetching)) {
    found.add(node);
    if (fillsCache(node)) continue;
    for (const edge of graph.callees(node))
      if (edge.operation === null && fillsCache(edge.callee)) found.add(edge.callee);
  }
  return found;
}

/**
 * The implementations of operations that do no more than fill the cache from a save area, before 2.6.34 without a test: whoever
 * reads the register next calls them. What nobody is seen to call, or is called around VM-entry, is not for who reads next.
 */
function fetchesForCallers(graph: CallGraph, { backends }: TreeSymbols, entryPath: Phases['entryPath']): GraphNode[] {
  const { kinds } = placeTables(backends);
  const movesOf = ({ c }: GraphNode) => c?.moves.filter(({ to }) => to !== null) ?? [];
  const fillsOnly = (node: GraphNode) => {
    const moves = movesOf(node);
    const isFill = ({ from }: Move) => kinds.get(from?.kind ?? '')?.role === 'save-area';
    // The bits that are filled may be cleared first.
    const isAllFill = moves.every((move) => move.to?.kind === 'cache' && (move.isPartial || isFill(move)));
    return moves.some(isFill) && isAllFill && graph.callees(node).every(({ callee }) => movesOf(callee).length === 0);
  };
  const isForReaders = (node: GraphNode) => {
    const callers = graph.callers(node);
    return callers.length > 0 && !callers.some(({ caller }) => entryPath.has(caller));
  };
  return graph.tables
    .flatMap(({ entries, file }) => entries.flatMap((entry) => graph.find(entry.function, file) ?? []))
    .filter((node) => fillsOnly(node) && isForReaders(node));
}

/** What a test of a register's bit names: a function that tests it by number, or the bitmap itself. */
function testNames(symbols: TreeSymbols, kind: IndexedKind, bitmap: string): ReadonlySet<string> {
  return new Set([bitmap, ...[...symbols.indexed.values()].filter((fn) => fn.kind === kind).map((fn) => fn.name)]);
}

function fillsCache(node: GraphNode): boolean {
  return node.c?.moves.some((move) => move.to?.kind === 'cache') ?? false;
}

/** See {@link pathToEntry}. */
export const vmEntryPath = memoizeByIdentity((graph: CallGraph) => pathToEntry(graph, isForPurpose));

/** See {@link otherHypervisor}. */
const otherFunctions = memoizeByIdentity((graph: CallGraph) => otherHypervisor(graph, isForPurpose));

function isForPurpose(node: GraphNode): boolean {
  return ownPhases(node, new Set()).length > 0;
}

/** On which side of VM-entry code at an offset runs; on none where a guest may be entered, as by another implementation of the operation. */
function aroundEntry(node: GraphNode, { first, last }: EntryPoint, offset: number): Phase {
  const done = doneAt(node, offset);
  if (done < doneAt(node, first)) return 'vm-entry';
  return done > doneAt(node, last) ? 'vm-exit' : 'other';
}

/** Whether every way to a function begins where a vCPU is made. `seen`: those that the way has passed. */
function isCreation(graph: CallGraph, node: GraphNode, seen: ReadonlySet<GraphNode>): boolean {
  if (CREATING.test(node.name)) return true;
  if (seen.size >= FARTHEST.codeToPurpose || seen.has(node)) return false;
  const callers = graph.callers(node);
  const passed = new Set([...seen, node]);
  return callers.length > 0 && callers.every(({ caller }) => isCreation(graph, caller, passed));
}

/** What tells when a function's callers run. */
interface CallerPhases {
  readonly entryPath: Phases['entryPath'];
  readonly fetches: ReadonlySet<GraphNode>;
  /** The vendor whose code a file is. */
  readonly vendors: ReadonlyMap<string, string>;
}

/** The phases that a function is of itself, else those of the nearest of its callers that tell one. */
function nearestPhases(
  graph: CallGraph,
  node: GraphNode,
  { entryPath, fetches, vendors }: CallerPhases,
): readonly Phase[] {
  const own = ownPhases(node, fetches);
  if (own.length > 0) return [firstPhase(own)];
  const vendor = vendors.get(node.file);
  // What another vendor's code calls by way of common code comes to that vendor's own implementation.
  const isOthers = ({ file }: GraphNode) => vendor !== undefined && (vendors.get(file) ?? vendor) !== vendor;
  const hasPurpose = (caller: GraphNode) => ownPhases(caller, fetches).length > 0;
  const walk = { most: FARTHEST.codeToPurpose, goesOn: ({ node: to }: CallerStep) => !isOthers(to) && !hasPurpose(to) };
  let nearest: readonly Phase[] = [];
  for (const steps of callersByDistance(graph, node, walk)) {
    const found = steps.flatMap(({ node: caller, call }) => {
      if (isOthers(caller)) return [];
      const entry = fetches.has(caller) ? undefined : entryPath.get(caller);
      if (!entry) return ownPhases(caller, fetches);
      return [aroundEntry(caller, entry, call.offset)];
    });
    // What every VM-entry comes to is not for nested state alone, though nested code may be nearer (kvm_mmu_load).
    if (nearest.length === 0) nearest = found;
    else if (found.includes('vm-entry')) return [...nearest, 'vm-entry'];
    if (nearest.some((phase) => phase !== 'nested')) return nearest;
  }
  return nearest;
}

function firstPhase(found: readonly Phase[]): Phase {
  return PRIORITY.find((phase) => found.includes(phase)) ?? 'other';
}

function ownPhases(node: GraphNode, fetches: ReadonlySet<GraphNode>): readonly Phase[] {
  const contexts = node.c ? contextsOf(node.c) : [];
  return fetches.has(node) ? ['on-demand', ...contexts] : contexts;
}

/** The functions by which common code has a vCPU made, before it first runs (linux/kvm_host.h). */
const CREATING = /^kvm_arch_vcpu_(?:(?:pre|post)?create|setup|init)$/;

/** What a function works on. */
const contextsOf = memoizeByIdentity((facts: FunctionFacts): readonly Phase[] => {
  const { name, moves, words: named } = facts;
  // Whatever else of a vCPU's state it clears, nested state too (init_vmcb): it is made or reset.
  if (CREATING.test(name) || moves.some(isResetVector) || makesAllAvailable(facts)) return ['reset'];
  return PURPOSES.filter(({ words }) => words.some((word) => named.has(word))).map(({ phase }) => phase);
});

/** Whether a function says of all registers at once that the cache has them: only where KVM has just set them all. */
function makesAllAvailable({ bitmapChanges }: FunctionFacts): boolean {
  return bitmapChanges.some(
    ({ bitmap, operator, mask }) => bitmap === 'available' && operator === '=' && /^~\s*0[uUlL]*$/.test(mask),
  );
}

/** RIP is 0xFFF0 after RESET and INIT (SDM vol. 3, table 10-1), wherever KVM sets it: in its cache, the VMCB, the VMCS. */
function isResetVector(move: Move): boolean {
  return /\brip$|RIP\]?$/.test(move.to?.name ?? '') && /^0x0*fff0$/i.test(move.other);
}

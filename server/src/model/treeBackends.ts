import type { Backend, EntryFacts } from '../backends/backend.js';
import { OPERATIONS_STRUCT } from '../facts/symbols/opsTables.js';
import { memoizeByIdentity } from '../cache/memoize.js';
import { isOpaqueEntry, type CallEdge, type CallGraph, type GraphNode, type GraphTable } from './callGraph.js';
import { vendorsByFile } from './vendorFiles.js';
import { FARTHEST, withCallers } from './callWalk.js';
import type { LocatedTransfer } from './registerTransfers.js';
import type { SlotFinder } from './slots.js';

/** A backend that the tree has. */
export interface TreeBackend {
  readonly name: string;
  readonly title: string;
  /** What is known of it; null for one that only the tree knows. */
  readonly definition: Backend | null;
  /** Functions of its world switch; of one that is not known, its table of operations. */
  readonly entries: readonly string[];
}

/**
 * The backends that a tree has: by the VM-entries that it does; one that shares another's entry also by the places that registers
 * pass through; and any other implementation of KVM's operations, by its table's name.
 */
export function backendsOf(
  known: readonly Backend[],
  graph: CallGraph,
  transfers: readonly LocatedTransfer[],
  slotAt: SlotFinder,
): TreeBackend[] {
  const kinds = new Set(transfers.flatMap(({ from, to }) => [from, to].flatMap((place) => place?.kind ?? [])));
  const hasPlace = (kind: string) => kinds.has(kind);
  const moves = memoizeByIdentity((node: GraphNode) => {
    if (transfers.some((t) => isOfHardware(t) && enters(t.switchedIn ?? t.node, node))) return true;
    return isUnderstood(graph, node, slotAt) ? false : null;
  });
  const entries = new Map<Backend, string[]>();
  const add = (backend: Backend, name: string) => {
    const names = entries.get(backend) ?? [];
    if (!names.includes(name)) entries.set(backend, [...names, name]);
  };
  for (const node of graph.nodes) {
    const vendor = isOpaqueEntry(node) ? vendorsByFile(graph)(known).get(node.file) : undefined;
    for (const backend of known) if (backend.name === vendor) add(backend, node.name);
    const instruction = node.asm?.entry?.instruction;
    if (instruction === undefined) continue;
    const hasMovingSibling = graph.nodes.some((other) => other !== node && entersLike(other, node) && moves(other));
    const backend = backendOfEntry(known, instruction, { movesGprs: moves(node), hasMovingSibling, hasPlace });
    if (backend) add(backend, node.name);
  }
  const found = known.filter((backend) => entries.has(backend) || isSeenByPlaces(backend, hasPlace));
  return [
    ...found.map((backend) => ({ ...namesOf(backend), definition: backend, entries: entries.get(backend) ?? [] })),
    ...unknownBackends(known, graph),
  ];
}

function namesOf({ name, title }: Backend): Pick<TreeBackend, 'name' | 'title'> {
  return { name, title };
}

/** Whether a function's world switch enters a guest in a function: in itself, or in one that it calls. */
function enters(root: GraphNode, node: GraphNode): boolean {
  return root === node || Boolean(root.asm?.flow?.entries.some((entry) => entry.function === node.name));
}

function entersLike(other: GraphNode, { asm }: GraphNode): boolean {
  const instruction = other.asm?.entry?.instruction;
  return instruction !== undefined && instruction === asm?.entry?.instruction;
}

/** Whether every way through the world switch that enters a guest in a function is followed, and what memory it moves registers to is known. */
function isUnderstood({ nodes }: CallGraph, node: GraphNode, slotAt: SlotFinder): boolean {
  const roots = nodes.filter((root) => root.asm?.flow && enters(root, node));
  const isUndefined = ({ asm, name }: GraphNode) =>
    asm?.transfers.some((transfer) => slotAt({ ...transfer, root: transfer.root ?? name }) === 'undefined') ?? false;
  return roots.length > 0 && roots.every((root) => root.asm?.flow?.doubts.length === 0 && !isUndefined(root));
}

function isOfHardware({ from, to }: LocatedTransfer): boolean {
  return from?.kind === 'hardware' || to?.kind === 'hardware';
}

/** The backend whose guest an instruction, or a call of firmware, enters. */
function backendOfEntry(known: readonly Backend[], instruction: string, facts: EntryFacts): Backend | undefined {
  const candidates = known.filter(
    ({ entry }) => entry.instructions.includes(instruction) || entry.call?.name === instruction,
  );
  return candidates.find(({ entry }) => entry.claims?.(facts)) ?? candidates.find(({ entry }) => entry.claims === null);
}

/** Whether a backend that shares another's entry shows itself by its places alone. */
function isSeenByPlaces({ entry, places }: Backend, hasPlace: (kind: string) => boolean): boolean {
  return entry.claims !== null && places.some(({ kind }) => hasPlace(kind));
}

/** Implementations of KVM's operations that enter no guest of a backend that is known. */
function unknownBackends(known: readonly Backend[], graph: CallGraph): TreeBackend[] {
  return graph.tables
    .filter(({ struct, entries }) => struct === OPERATIONS_STRUCT && entries.length > 0)
    .filter((table) => entryBackends(known, graph, table).size === 0)
    .map((table) => {
      const name = table.name.replace(/_?x86_ops$|_ops$/, '');
      return { name, title: name.toUpperCase(), definition: null, entries: [table.name] };
    });
}

/** The backends whose guests a table's functions enter, themselves or by what they call. */
function entryBackends(known: readonly Backend[], graph: CallGraph, table: GraphTable): Set<string> {
  const entering = enteringFunctions(graph)(known);
  const functions = table.entries.flatMap((entry) => graph.find(entry.function, table.file) ?? []);
  return new Set(functions.flatMap((node) => [...(entering.get(node) ?? [])]));
}

/** The functions that enter a guest, themselves or by what they call, with the vendors whose guest it is. */
const enteringFunctions = memoizeByIdentity((graph: CallGraph) =>
  memoizeByIdentity((known: readonly Backend[]): ReadonlyMap<GraphNode, ReadonlySet<string>> => {
    const found = new Map<GraphNode, Set<string>>();
    for (const entry of graph.nodes) {
      const vendor = vendorEntered(known, graph, entry);
      if (vendor === undefined) continue;
      // Another operation's implementation may be another backend's.
      const isFollowed = (call: CallEdge) => call.operation === null;
      for (const node of withCallers(graph, [entry], { most: FARTHEST.operationToEntry, isFollowed })) {
        const vendors = found.get(node);
        if (vendors) vendors.add(vendor);
        else found.set(node, new Set([vendor]));
      }
    }
    return found;
  }),
);

/** The vendor whose guest a function enters itself; which of those that share an entry it is makes no difference to that. */
function vendorEntered(known: readonly Backend[], graph: CallGraph, node: GraphNode): string | undefined {
  if (isOpaqueEntry(node)) return vendorsByFile(graph)(known).get(node.file);
  const instruction = node.asm?.entry?.instruction;
  return instruction === undefined ? undefined : backendOfEntry(known, instruction, NOTHING_KNOWN)?.vendor;
}

const NOTHING_KNOWN: EntryFacts = { movesGprs: true, hasMovingSibling: false, hasPlace: () => false };

/** The backend of the vendor operations that a callback is one of: `svm_cache_reg` is SVM's. */
export function backendOfCallback(known: readonly Backend[], graph: CallGraph, callback: GraphNode): string | null {
  const isIn = (table: GraphTable) =>
    table.entries.some((entry) => {
      const node = graph.find(entry.function, table.file);
      return node === callback || (node !== null && graph.callees(node).some((edge) => edge.callee === callback));
    });
  const table = graph.tables.find((t) => t.struct === OPERATIONS_STRUCT && isIn(t)) ?? graph.tables.find(isIn);
  const found = table ? entryBackends(known, graph, table) : new Set<string>();
  return known.find(({ name }) => found.has(name))?.name ?? null;
}

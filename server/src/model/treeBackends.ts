import type { Backend } from '../backends/backend.js';
import { OPERATIONS_STRUCT } from '../facts/symbols/opsTables.js';
import { memoizeByIdentity } from '../cache/memoize.js';
import { isOpaqueEntry, type CallGraph, type GraphNode, type GraphTable } from './callGraph.js';
import { backendOfEntry, entryBackends } from './entryBackends.js';
import { unknownTables } from './unknownVendors.js';
import { vendorsByFile } from './vendorFiles.js';
import type { LocatedTransfer } from './registerTransfers.js';
import type { SlotFinder } from './slots.js';
import type { LastWrite } from '../syntax/flow/worldSwitchFlow.js';

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
    if (keepsGuestValues(graph, node)) return true;
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
    ...unknownTables(known, graph).map(({ name, table }) => ({
      name,
      title: name.toUpperCase(),
      definition: null,
      entries: [table.name],
    })),
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

/** Whether the world switch that enters a guest in a function stores a register of that guest behind VM-exit, be it in a slot or not. */
function keepsGuestValues({ nodes }: CallGraph, node: GraphNode): boolean {
  const hasGuest = ({ values }: LastWrite) => values.some(({ kind }) => kind === 'guest');
  return nodes.some((root) => root.asm?.flow?.afterExit.some(hasGuest) && enters(root, node));
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

/** Whether a backend that shares another's entry shows itself by its places alone. */
function isSeenByPlaces({ entry, places }: Backend, hasPlace: (kind: string) => boolean): boolean {
  return entry.claims !== null && places.some(({ kind }) => hasPlace(kind));
}

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

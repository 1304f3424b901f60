import type { EntryInstruction } from '../facts/assembly/worldSwitch.js';
import { memoizeByIdentity } from '../cache/memoize.js';
import type { CallGraph, GraphNode, GraphTable } from './callGraph.js';
import type { Backend } from './registerModel.js';
import type { LocatedTransfer } from './registerTransfers.js';

/** Which backend an entry instruction is of. */
const BACKEND_OF_ENTRY: Readonly<Record<EntryInstruction, string>> = {
  vmlaunch: 'vmx',
  vmresume: 'vmx',
  vmrun: 'svm',
  'tdh.vp.enter': 'tdx',
};

/** The contract's order. */
const ORDER = ['vmx', 'svm', 'sev-es', 'tdx'];

/** The struct of KVM's vendor operations (asm/kvm_host.h). */
const OPERATIONS_STRUCT = 'kvm_x86_ops';

/**
 * The backends that a tree has: by the VM-entries that it does; SEV-ES where registers pass through a GHCB or a VMSA; and
 * any other implementation of KVM's operations, by its table's name.
 */
export function backendsOf(graph: CallGraph, transfers: readonly LocatedTransfer[]): Backend[] {
  const entries = new Map<string, string[]>();
  const add = (backend: string, name: string) => {
    const known = entries.get(backend) ?? [];
    if (!known.includes(name)) entries.set(backend, [...known, name]);
  };
  const hasSevEs = transfers.some((t) => t.to?.kind === 'vmsa' || t.from?.kind === 'ghcb' || t.to?.kind === 'ghcb');
  for (const node of graph.nodes) {
    const entry = node.asm?.entry;
    if (!entry) continue;
    const moves = transfers.some(
      (transfer) => transfer.node === node && (transfer.from?.kind === 'hardware' || transfer.to?.kind === 'hardware'),
    );
    const isProtected = entry.instruction === 'vmrun' && !moves && hasSevEs;
    add(isProtected ? 'sev-es' : BACKEND_OF_ENTRY[entry.instruction], node.name);
  }
  if (hasSevEs && !entries.has('sev-es')) entries.set('sev-es', []);
  for (const table of graph.tables) {
    if (table.struct === OPERATIONS_STRUCT && table.entries.length > 0 && entryBackends(graph, table).size === 0)
      add(table.name.replace(/_?x86_ops$|_ops$/, ''), table.name);
  }
  const rank = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return [...entries].map(([name, names]) => ({ name, entries: names })).sort((a, b) => rank(a.name) - rank(b.name));
}

/** The backends whose guests a table's functions enter, themselves or by what they call. */
function entryBackends(graph: CallGraph, table: GraphTable): Set<string> {
  const entering = enteringFunctions(graph);
  const functions = table.entries.flatMap((entry) => graph.find(entry.function, table.file) ?? []);
  return new Set(functions.flatMap((node) => [...(entering.get(node) ?? [])]));
}

/** How many calls lie between an operation and VM-entry at the most. */
const DEEPEST = 5;

/** The functions that enter a guest, themselves or by what they call, with the backends whose guest it is. */
const enteringFunctions = memoizeByIdentity((graph: CallGraph): ReadonlyMap<GraphNode, ReadonlySet<string>> => {
  const found = new Map<GraphNode, Set<string>>();
  for (const entry of graph.nodes) {
    if (!entry.asm?.entry) continue;
    const backend = BACKEND_OF_ENTRY[entry.asm.entry.instruction];
    for (const node of callersUpTo(graph, entry, DEEPEST)) {
      const known = found.get(node);
      if (known) known.add(backend);
      else found.set(node, new Set([backend]));
    }
  }
  return found;
});

/** A function and those that call it, at most so many calls away. */
function callersUpTo(graph: CallGraph, node: GraphNode, calls: number): ReadonlySet<GraphNode> {
  const found = new Set([node]);
  let level: readonly GraphNode[] = [node];
  for (let distance = 0; distance < calls; distance++) {
    // Another operation's implementation may be another backend's.
    const edges = level.flatMap(graph.callers).filter((edge) => edge.operation === null);
    level = [...new Set(edges.map((edge) => edge.caller))].filter((caller) => !found.has(caller));
    for (const caller of level) found.add(caller);
  }
  return found;
}

/** The backend of the vendor operations that a callback is one of: `svm_cache_reg` is SVM's. */
export function backendOfCallback(graph: CallGraph, callback: GraphNode): string | null {
  const isIn = (table: GraphTable) =>
    table.entries.some((entry) => {
      const node = graph.find(entry.function, table.file);
      return node === callback || (node !== null && graph.callees(node).some((edge) => edge.callee === callback));
    });
  const table = graph.tables.find((t) => t.struct === OPERATIONS_STRUCT && isIn(t)) ?? graph.tables.find(isIn);
  const found = table ? entryBackends(graph, table) : new Set<string>();
  return ORDER.find((backend) => found.has(backend)) ?? null;
}

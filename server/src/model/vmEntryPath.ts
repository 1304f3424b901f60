import { VCPU_STRUCT } from '../facts/symbols/cacheNames.js';
import { memoizeByIdentity } from '../cache/memoize.js';
import { isOpaqueEntry, offsetIn, type CallEdge, type CallGraph, type GraphNode } from './callGraph.js';

/** Where in a function a guest is entered, counted from its start: before `first` nothing has been, behind `last` it has. */
export interface EntryPoint {
  readonly first: number;
  readonly last: number;
}

/** Whether a function works for a purpose of its own, such as nested state: its callers do not run a vCPU by it. */
type HasPurpose = (node: GraphNode) => boolean;

/** From the functions that enter a guest up to the one that calls them as an operation: `vcpu_enter_guest`. */
export function pathToEntry(graph: CallGraph, hasPurpose: HasPurpose): ReadonlyMap<GraphNode, EntryPoint> {
  const others = otherEntries(graph, hasPurpose);
  const path = new Map<GraphNode, EntryPoint>();
  const pending: GraphNode[] = [];
  for (const node of entriesOf(graph)) {
    if (others.includes(node)) continue;
    const at = node.asm?.entry ? offsetIn(node, node.asm.entry.offset) : 0;
    path.set(node, { first: at, last: at });
    pending.push(node);
  }
  for (let node = pending.pop(); node; node = pending.pop()) {
    for (const edge of graph.callers(node)) {
      // Nested code may enter a guest to have its state checked (nested_vmx_check_vmentry_hw): that is not how a vCPU runs.
      if (hasPurpose(edge.caller)) continue;
      const known = path.get(edge.caller);
      path.set(edge.caller, {
        first: Math.min(known?.first ?? edge.offset, edge.offset),
        last: Math.max(known?.last ?? edge.offset, edge.offset),
      });
      // Whoever calls it as an operation is common code; what is above runs many guests' entries.
      if (!known && edge.operation === null) pending.push(edge.caller);
    }
  }
  return path;
}

/**
 * The functions of another hypervisor in the tree, one that KVM's operations start and that runs the host as its guest (pKVM): those
 * that enter its guest, their callers, and what nobody else calls. They may keep registers by rules of their own.
 */
export function otherHypervisor(graph: CallGraph, hasPurpose: HasPurpose): ReadonlySet<GraphNode> {
  const found = new Set(
    otherEntries(graph, hasPurpose).flatMap((entry) => [...waysUp(graph, entry, hasPurpose).nodes]),
  );
  // A set's iteration goes on to what is added meanwhile.
  for (const node of found)
    for (const { callee } of graph.callees(node))
      if (graph.callers(callee).every(({ caller }) => found.has(caller))) found.add(callee);
  return found;
}

/** VM-entries that no operation comes to which is given a vCPU, in a tree where others are entered by one. */
function otherEntries(graph: CallGraph, hasPurpose: HasPurpose): readonly GraphNode[] {
  const entries = entriesOf(graph).map((node) => ({ node, operations: waysUp(graph, node, hasPurpose).operations }));
  const running = new Set(
    entries.flatMap(({ operations }) => operations.filter(isGivenVcpu).map(({ operation }) => operation)),
  );
  const isOther = ({ operation }: CallEdge) => !running.has(operation);
  return running.size === 0
    ? []
    : entries.filter(({ operations }) => operations.length > 0 && operations.every(isOther)).map(({ node }) => node);
}

const entriesOf = memoizeByIdentity((graph: CallGraph): readonly GraphNode[] =>
  graph.nodes.filter((node) => Boolean(node.asm?.entry) || isOpaqueEntry(node)),
);

function isGivenVcpu({ callee }: CallEdge): boolean {
  return callee.c?.parameters.some(({ type }) => type.split(' ').includes(VCPU_STRUCT)) ?? false;
}

/** A function with those that call it, up to the calls by which an operation leads to them. */
interface WaysUp {
  readonly nodes: ReadonlySet<GraphNode>;
  readonly operations: readonly CallEdge[];
}

function waysUp(graph: CallGraph, start: GraphNode, hasPurpose: HasPurpose): WaysUp {
  const nodes = new Set([start]);
  const operations: CallEdge[] = [];
  for (const node of nodes) {
    for (const edge of graph.callers(node)) {
      if (edge.operation !== null) operations.push(edge);
      else if (!hasPurpose(edge.caller)) nodes.add(edge.caller);
    }
  }
  return { nodes, operations };
}

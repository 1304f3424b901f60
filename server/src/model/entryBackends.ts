import type { Backend, EntryFacts } from '../backends/backend.js';
import { memoizeByIdentity } from '../cache/memoize.js';
import { isOpaqueEntry, type CallEdge, type CallGraph, type GraphNode, type GraphTable } from './callGraph.js';
import { FARTHEST, withCallers } from './callWalk.js';
import { vendorsByFile } from './vendorFiles.js';

/** The backend whose guest an instruction, or a call of firmware, enters. */
export function backendOfEntry(known: readonly Backend[], instruction: string, facts: EntryFacts): Backend | undefined {
  const candidates = known.filter(
    ({ entry }) => entry.instructions.includes(instruction) || entry.call?.name === instruction,
  );
  return candidates.find(({ entry }) => entry.claims?.(facts)) ?? candidates.find(({ entry }) => entry.claims === null);
}

/** The backends whose guests a table's functions enter, themselves or by what they call. */
export function entryBackends(known: readonly Backend[], graph: CallGraph, table: GraphTable): Set<string> {
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

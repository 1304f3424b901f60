import type { Phase } from '../../backends/transfer.js';
import { unionGuards, type Guard } from '../../syntax/conditions/guard.js';
import type { CallEdge, CallGraph, GraphNode } from '../callGraph.js';
import type { Phases } from '../phases.js';

/** A way from a function on the path to VM-entry to a helper, and what that says of when the helper runs. */
export interface CallContext {
  readonly phase: Phase;
  /** The conditions of the calls on the way, outermost first. */
  readonly guards: readonly Guard[];
  /** The call in the function on the path. */
  readonly caller: GraphNode;
  readonly offset: number;
}

/** Calls between the path to VM-entry and a helper at the most. */
const FARTHEST = 4;

/** From where on the path to VM-entry a helper is called; empty for one that is not, or that is on the path itself. */
export function callContexts(graph: CallGraph, phases: Phases, helper: GraphNode): CallContext[] {
  if (phases.entryPath.has(helper)) return [];
  const found: CallContext[] = [];
  const seen = new Set([helper]);
  let level: readonly { readonly node: GraphNode; readonly guards: readonly Guard[] }[] = [
    { node: helper, guards: [] },
  ];
  for (let distance = 0; distance < FARTHEST && level.length > 0; distance++) {
    level = level.flatMap(({ node, guards }) =>
      graph.callers(node).flatMap((edge) => {
        const all = unionGuards(guardsAt(edge), guards);
        if (phases.entryPath.has(edge.caller)) {
          const phase = phases.at(edge.caller, edge.offset);
          found.push({ phase, guards: all, caller: edge.caller, offset: edge.offset });
          return [];
        }
        if (seen.has(edge.caller)) return [];
        seen.add(edge.caller);
        return [{ node: edge.caller, guards: all }];
      }),
    );
  }
  return found;
}

/** The conditions of a call. */
export function guardsAt({ caller, callee, offset }: CallEdge): readonly Guard[] {
  const inC = caller.c?.callFacts.find((call) => call.callee === callee.name && call.offset === offset);
  return inC?.guards ?? caller.asm?.calls.find((call) => call.offset === offset)?.conditions ?? [];
}

/** The names of the backends whose guests are entered from a function on the path to VM-entry. */
export function backendsFrom(
  graph: CallGraph,
  phases: Phases,
  node: GraphNode,
  entries: ReadonlyMap<string, string>,
): ReadonlySet<string> {
  const found = new Set<string>();
  const seen = new Set([node]);
  // A set's iteration goes on to what is added meanwhile.
  for (const at of seen) {
    const backend = entries.get(at.name);
    if (backend !== undefined) found.add(backend);
    for (const { callee } of graph.callees(at)) if (phases.entryPath.has(callee)) seen.add(callee);
  }
  return found;
}

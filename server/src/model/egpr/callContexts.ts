import type { Phase } from '../../backends/phase.js';
import { unionGuards, type Guard } from '../../syntax/conditions/guard.js';
import type { CallEdge, CallGraph, GraphNode } from '../callGraph.js';
import { staticCallGuards } from './staticCallGuards.js';
import { callersByDistance, callsOfStep, FARTHEST, type CallerStep } from '../callWalk.js';
import { vmEntryPath, type Phases } from '../phases.js';

/** A way from a function on the path to VM-entry to a helper, and what that says of when the helper runs. */
export interface CallContext {
  readonly phase: Phase;
  /** The conditions of the calls on the way, outermost first. */
  readonly guards: readonly Guard[];
  /** The call in the function on the path. */
  readonly caller: GraphNode;
  readonly offset: number;
}

/** From where on the path to VM-entry a helper is called; empty for one that is not, or that is on the path itself. */
export function callContexts(graph: CallGraph, phases: Phases, helper: GraphNode): CallContext[] {
  if (phases.entryPath.has(helper)) return [];
  const isOnPath = (caller: GraphNode) => phases.entryPath.has(caller);
  const walk = { most: FARTHEST.helperToEntryPath, goesOn: ({ node }: CallerStep) => !isOnPath(node) };
  return [...callersByDistance(graph, helper, walk)].flat().flatMap((step): CallContext[] => {
    const { node: caller, call } = step;
    if (!isOnPath(caller)) return [];
    const guards = callsOfStep(step).reduce<readonly Guard[]>(
      (inner, at) => unionGuards(guardsAt(graph, at), inner),
      [],
    );
    return [{ phase: phases.at(caller, call.offset), guards, caller, offset: call.offset }];
  });
}

/** The conditions of a call, and of what gives a static call the function that it calls. */
export function guardsAt(graph: CallGraph, edge: CallEdge): readonly Guard[] {
  const { operation, callee } = edge;
  const given = operation === null ? undefined : staticCallGuards(graph).get(`${operation} ${callee.name}`);
  return unionGuards(given ?? [], guardsOfCall(edge));
}

/** The conditions of a call as it stands; of one that moves R16-R31, a local variable's test is what the variable holds. */
function guardsOfCall({ caller, callee, offset }: CallEdge): readonly Guard[] {
  const moving = caller.c?.apx.calls.find((call) => call.offset === offset);
  if (moving) return moving.guards;
  const inC = caller.c?.callFacts.find((call) => call.callee === callee.name && call.offset === offset);
  return inC?.guards ?? caller.asm?.calls.find((call) => call.offset === offset)?.conditions ?? [];
}

/** The conditions that VM-entry itself is under, as far as a function on the way to it says: they tell nothing of one move. */
export function conditionsOfEntry(graph: CallGraph, node: GraphNode): readonly Guard[] {
  const entry = vmEntryPath(graph).get(node);
  const before = node.c?.callFacts.filter(({ offset }) => entry && offset <= entry.first) ?? [];
  return before.toSorted((a, b) => a.offset - b.offset).at(-1)?.guards ?? [];
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

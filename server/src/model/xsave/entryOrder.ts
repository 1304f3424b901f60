import { fileOffset, type GraphNode } from '../callGraph.js';
import { callersByDistance, callsOfStep, FARTHEST } from '../callWalk.js';
import type { TransferFacts, CallPath } from './callPaths.js';

/** Where in their files the calls to a flow are, from the outermost function on the way to VM-entry down. */
export function orderOf(facts: TransferFacts, { flow, calls, phase }: CallPath): number[] {
  const outermost = calls.at(-1)?.edge.caller ?? flow.node;
  const isAround = phase === 'vm-entry' || phase === 'vm-exit';
  return [
    ...(isAround && !isTop(facts, outermost) ? positionOf(facts, outermost) : []),
    ...calls.toReversed().map(({ edge }) => fileOffset(edge.caller, edge.offset)),
    fileOffset(flow.node, flow.offset),
    ...flow.through.map((step) => fileOffset(step.node, step.offset)),
  ];
}

/** Offsets of the calls to a function from the common code's function on the way to VM-entry; empty where that is not above it. */
function positionOf(facts: TransferFacts, node: GraphNode): number[] {
  const { graph, phases } = facts;
  for (const steps of callersByDistance(graph, node, { most: FARTHEST.betweenEntries })) {
    const top = steps.find((step) => phases.entryPath.has(step.node) && isTop(facts, step.node));
    if (top)
      return callsOfStep(top)
        .toReversed()
        .map((edge) => fileOffset(edge.caller, edge.offset));
  }
  return [];
}

/** Whether a function on the way to VM-entry is the common code's: it calls the entry as an operation. */
function isTop({ graph, phases }: TransferFacts, node: GraphNode): boolean {
  return graph.callees(node).some((edge) => edge.operation !== null && phases.entryPath.has(edge.callee));
}

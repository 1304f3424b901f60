import { fileOffset, type GraphNode } from '../callGraph.js';
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

function positionOf(facts: TransferFacts, node: GraphNode): number[] {
  const { graph, phases } = facts;
  let level: { readonly node: GraphNode; readonly way: readonly number[] }[] = [{ node, way: [] }];
  const seen = new Set([node]);
  for (let distance = 0; distance < FARTHEST_POSITION && level.length > 0; distance++) {
    const above = level.flatMap(({ node: from, way }) =>
      graph.callers(from).map((edge) => ({ node: edge.caller, way: [fileOffset(edge.caller, edge.offset), ...way] })),
    );
    level = above.filter((step) => !seen.has(step.node));
    for (const step of level) seen.add(step.node);
    const top = level.find((step) => phases.entryPath.has(step.node) && isTop(facts, step.node));
    if (top) return [...top.way];
  }
  return [];
}

/** Farther up than any function that runs between VM-entry and the next is from the one that enters. */
const FARTHEST_POSITION = 8;

/** Whether a function on the way to VM-entry is the common code's: it calls the entry as an operation. */
function isTop({ graph, phases }: TransferFacts, node: GraphNode): boolean {
  return graph.callees(node).some((edge) => edge.operation !== null && phases.entryPath.has(edge.callee));
}

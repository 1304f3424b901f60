import { memoizeByIdentity } from '../cache/memoize.js';
import { OPERATIONS_STRUCT } from '../facts/symbols/opsTables.js';
import type { CallGraph, GraphNode } from './callGraph.js';
import { FARTHEST } from './callWalk.js';

/** The functions that tables of handlers have for each exit, by the exit's name: `SVM_EXIT_WRITE_CR0`. */
export const exitHandlers = memoizeByIdentity((graph: CallGraph): ReadonlyMap<string, ReadonlySet<GraphNode>> => {
  const found = new Map<string, Set<GraphNode>>();
  for (const table of graph.tables)
    for (const handler of table.handlers) {
      const node = graph.find(handler.function, table.file);
      if (node) found.set(handler.index, (found.get(handler.index) ?? new Set()).add(node));
    }
  return found;
});

/** The operation that looks at why a guest has exited (asm/kvm-x86-ops.h). */
export const HANDLING_OPERATION = 'handle_exit';

/** The functions that handlers of exits come to, themselves and by what they call, through operations too. */
export const reachedFromHandlers = memoizeByIdentity((graph: CallGraph): ReadonlySet<GraphNode> => {
  const handlers = [...exitHandlers(graph).values()].flatMap((nodes) => [...nodes]);
  let level = new Set([...handlers, ...graph.implementations(HANDLING_OPERATION, OPERATIONS_STRUCT)]);
  const found = new Set(level);
  for (let distance = 0; distance < FARTHEST.exitToRegister && level.size > 0; distance++) {
    const callees = [...level].flatMap((node) => graph.callees(node).map(({ callee }) => callee));
    level = new Set(callees.filter((callee) => !found.has(callee)));
    for (const callee of level) found.add(callee);
  }
  return found;
});

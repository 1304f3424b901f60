import { memoizeByIdentity, memoizeByName } from '../cache/memoize.js';
import { OPERATIONS_STRUCT } from '../facts/symbols/opsTables.js';
import type { CallGraph, GraphNode } from './callGraph.js';
import { FARTHEST } from './callWalk.js';

/** A function that handles an exit, which is told by its name: `SVM_EXIT_WRITE_CR0`. */
interface ExitHandler {
  readonly exit: string;
  readonly node: GraphNode;
}

/** The functions for each exit, by the exit's name: those that tables of handlers have, and those that are called in its `case`. */
export const exitHandlers = memoizeByIdentity((graph: CallGraph): ReadonlyMap<string, ReadonlySet<GraphNode>> => {
  const found = new Map<string, Set<GraphNode>>();
  for (const { exit, node } of [...tableHandlers(graph), ...graph.tellingNodes.flatMap(caseHandlers(graph))])
    found.set(exit, (found.get(exit) ?? new Set()).add(node));
  return found;
});

const tableHandlers = memoizeByIdentity((graph: CallGraph): readonly ExitHandler[] =>
  graph.tables.flatMap((table) =>
    table.handlers.flatMap(({ index, function: name }) => {
      const node = graph.find(name, table.file);
      return node ? [{ exit: index, node }] : [];
    }),
  ),
);

/** What a function calls in the cases of a switch; of other switches than those of exits too, whose labels are no exit's name. */
function caseHandlers(graph: CallGraph): (node: GraphNode) => ExitHandler[] {
  return ({ c, file }) =>
    (c?.callFacts ?? []).flatMap(({ callee, isOperation, guards }) => {
      const labels = guards.flatMap((guard) => (guard.kind === 'case' ? guard.labels : []));
      const node = isOperation || labels.length === 0 ? null : graph.find(callee, file);
      return node ? labels.flatMap((exit) => (exit === null ? [] : [{ exit, node }])) : [];
    });
}

/** The operation that looks at why a guest has exited (asm/kvm-x86-ops.h). */
export const HANDLING_OPERATION = 'handle_exit';

/** The functions that a vendor's handlers of exits come to, themselves and by what they call, through operations too; no code of another vendor's. */
export const reachedFromHandlers = memoizeByIdentity((graph: CallGraph) =>
  memoizeByIdentity((vendors: ReadonlyMap<string, string>) =>
    memoizeByName((vendor: string): ReadonlySet<GraphNode> => {
      const isOwn = ({ file }: GraphNode) => (vendors.get(file) ?? vendor) === vendor;
      const handlers = tableHandlers(graph).map(({ node }) => node);
      const all = [...handlers, ...graph.implementations(HANDLING_OPERATION, OPERATIONS_STRUCT)];
      let level = new Set(all.filter(isOwn));
      const found = new Set(level);
      for (let distance = 0; distance < FARTHEST.exitToRegister && level.size > 0; distance++) {
        const callees = [...level].flatMap((node) => graph.callees(node).map(({ callee }) => callee));
        level = new Set(callees.filter((callee) => !found.has(callee) && isOwn(callee)));
        for (const callee of level) found.add(callee);
      }
      return found;
    }),
  ),
);

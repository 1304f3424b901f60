import type { Reason, Unknowns } from '../../backends/owner.js';
import { STATIC_CALL, STATIC_CALL_UPDATE } from '../../facts/symbols/staticCalls.js';
import { fileOffset, type CallGraph, type GraphNode } from '../callGraph.js';
import type { OwnerInputs } from '../ownerInputs.js';
import type { LocatedTransfer } from '../registerTransfers.js';

/**
 * Why it is not known whether helpers run around VM-entry that are on no way to it: code has their addresses, and may call
 * them by a pointer, which is not followed. No reason for a helper whose name nothing but a call has.
 */
export function calledByPointer({ graph, lineOf }: OwnerInputs, moves: readonly LocatedTransfer[]): Unknowns {
  const reasonsOf = (some: readonly LocatedTransfer[]) =>
    [...new Set(some.map(({ node }) => node))].flatMap((helper): Reason[] => {
      const [taken] = addressesTaken(graph, helper);
      if (!taken) return [];
      const { file, offset } = taken;
      return [
        {
          file,
          line: lineOf(file, offset),
          what: helper.name,
          why: 'may be called by a pointer, which is not followed',
        },
      ];
    });
  return {
    load: reasonsOf(moves.filter(({ from }) => from?.kind === 'hardware')),
    store: reasonsOf(moves.filter(({ to }) => to?.kind === 'hardware')),
  };
}

/** Where the address of a function is taken. */
function addressesTaken(graph: CallGraph, helper: GraphNode): { readonly file: string; readonly offset: number }[] {
  const inFunctions = graph.callers(helper).flatMap(({ caller, offset, operation }) => {
    const isMention = operation === null && caller.c?.calls.every(({ name }) => name !== helper.name);
    return isMention ? [{ file: caller.file, offset: fileOffset(caller, offset) }] : [];
  });
  const asked = graph.tables.flatMap(({ file, name, struct, entries }) =>
    struct === STATIC_CALL && isAsked(graph, name)
      ? entries.filter((entry) => entry.function === helper.name).map(({ offset }) => ({ file, offset }))
      : [],
  );
  return [...inFunctions, ...asked];
}

/** Whether code is given a static call for something else than to set it: static_call_query() (linux/static_call.h). */
function isAsked({ nodes }: CallGraph, staticCall: string): boolean {
  return nodes.some(({ c }) =>
    c?.callFacts.some(({ callee, arguments: given }) => callee !== STATIC_CALL_UPDATE && given.includes(staticCall)),
  );
}

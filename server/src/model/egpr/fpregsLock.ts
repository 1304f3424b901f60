import { memoizeByIdentity } from '../../cache/memoize.js';
import { FPU_LOCK } from '../../facts/egpr/fpuInterfaces.js';
import type { CallGraph, GraphNode } from '../callGraph.js';
import { callersByDistance, FARTHEST, withCallers } from '../callWalk.js';

/**
 * By which call code comes to run with the FPU registers locked: `fpregs_lock`, or KVM's own function that calls it
 * (`kvm_fpu_get`); null where one of its callers does not lock them.
 */
export function fpregsLock(graph: CallGraph, node: GraphNode, offset: number): string | null {
  const own = lockBefore(graph, node, offset);
  if (own !== null) return own;
  const most = FARTHEST.codeToLockHolder;
  const walk = callersByDistance(graph, node, {
    most,
    goesOn: ({ node: caller, call }) => lockBefore(graph, caller, call.offset) === null,
  });
  const locks: string[] = [];
  for (const [i, steps] of [...walk].entries()) {
    for (const { node: caller, call } of steps) {
      const lock = lockBefore(graph, caller, call.offset);
      if (lock !== null) locks.push(lock);
      else if (i + 1 === most || graph.callers(caller).length === 0) return null;
    }
  }
  return locks[0] ?? null;
}

/** The call of a function before an offset that locks the FPU registers; null without one. */
function lockBefore(graph: CallGraph, node: GraphNode, offset: number): string | null {
  const isLock = (name: string) => {
    const callee = graph.find(name, node.file);
    return name === FPU_LOCK || (callee !== null && lockers(graph).has(callee));
  };
  return node.c?.calls.find((call) => call.offset < offset && isLock(call.name))?.name ?? null;
}

/** The functions that lock the FPU registers, themselves or by what they call. */
const lockers = memoizeByIdentity((graph: CallGraph): ReadonlySet<GraphNode> => {
  const direct = graph.nodes.filter((node) => node.c?.calls.some(({ name }) => name === FPU_LOCK));
  return withCallers(graph, direct, {
    most: FARTHEST.functionToLock,
    isFollowed: (call) => call.operation === null,
  });
});

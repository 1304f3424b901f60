import type { CallEdge, CallGraph, GraphNode } from './callGraph.js';

/**
 * How many calls are followed between two functions at the most, by the question. A guess that goes farther says little: by then
 * nearly every function of KVM reaches every other.
 */
export const FARTHEST = {
  /** From an operation of the vendor's down to the function that enters the guest. */
  operationToEntry: 5,
  /** From code up to the function that says what it is for: nested state, SMM, reset, an ioctl. */
  codeToPurpose: 6,
  /** From a helper that moves registers up to the path to VM-entry. */
  helperToEntryPath: 4,
  /** From where C sets a flag for a world switch up to the calls whose conditions count. */
  flagToCaller: 3,
  /** From an accessor of R16-R31 down to the one with the assembly. */
  accessorToAssembly: 2,
  /** From a function down to the one that executes XSETBV. */
  functionToXsetbv: 2,
  /** From code that reaches the FPU registers up to the function that locks them. */
  codeToLockHolder: 3,
  /** From a function of KVM's that locks the FPU registers down to the FPU core's lock. */
  functionToLock: 2,
  /** From an assignment of XSAVE state up to the caller that says when it happens. */
  assignmentToMoment: 5,
  /** From a copy to or from userspace's buffer up to the case of its ioctl. */
  copyToIoctl: 4,
  /** From KVM down to an instruction of XSAVE's; the FPU core's own calls go five deep. */
  kvmToInstruction: 8,
  /** From a handler of an exit down to the function that sets the register of which the guest's write has trapped. */
  exitToRegister: 4,
  /** Between a function that works on a VMCB or VMCS and the one that says which it is. */
  areaToOwner: 4,
  /** From a function that runs between two VM-entries up to the one that enters. */
  betweenEntries: 8,
} as const;

/** Steps after which a walk up the callers ends: in the kernels that are tested, none has more than 200. */
const MOST_STEPS = 2000;

/** A function that a walk up the callers comes to. */
export interface CallerStep {
  readonly node: GraphNode;
  /** The call by which it calls the step below. */
  readonly call: CallEdge;
  /** The step that it was reached from; null for a caller of the function that the walk begins with. */
  readonly below: CallerStep | null;
}

/** What a walk up the callers is limited by. */
interface CallerWalk {
  /** Calls, as {@link FARTHEST} has it. */
  readonly most: number;
  /** Whether the callers of a step are of interest too. */
  readonly goesOn?: (step: CallerStep) => boolean;
}

/**
 * The callers of a function, those that are one call away first. Every call to a function that is passed is a step, so that a
 * caller may be there twice; the walk goes on from each function once.
 */
export function* callersByDistance(
  graph: CallGraph,
  start: GraphNode,
  { most, goesOn = () => true }: CallerWalk,
): Generator<readonly CallerStep[]> {
  const seen = new Set([start]);
  let level = stepsAbove(graph, start, null);
  let steps = 0;
  for (let distance = 1; distance <= most && level.length > 0 && steps < MOST_STEPS; distance++) {
    yield level;
    steps += level.length;
    level = level.flatMap((step) => {
      if (seen.has(step.node) || !goesOn(step)) return [];
      seen.add(step.node);
      return distance < most ? stepsAbove(graph, step.node, step) : [];
    });
  }
}

function stepsAbove(graph: CallGraph, node: GraphNode, below: CallerStep | null): CallerStep[] {
  return graph.callers(node).map((call) => ({ node: call.caller, call, below }));
}

/** The calls of a step, from the function that a walk began with up to it. */
export function callsOfStep(step: CallerStep): readonly CallEdge[] {
  const calls: CallEdge[] = [];
  for (let at: CallerStep | null = step; at; at = at.below) calls.unshift(at.call);
  return calls;
}

/** What callers are collected by. */
interface CallerLimit {
  /** Calls, as {@link FARTHEST} has it. */
  readonly most: number;
  /** Whether a call counts. */
  readonly isFollowed?: (call: CallEdge) => boolean;
}

/** Some functions and those that call them, themselves or by what they call, at most so many calls away. */
export function withCallers(
  graph: CallGraph,
  functions: readonly GraphNode[],
  { most, isFollowed = () => true }: CallerLimit,
): ReadonlySet<GraphNode> {
  const found = new Set(functions);
  let level: readonly GraphNode[] = functions;
  for (let distance = 0; distance < most && level.length > 0; distance++) {
    const callers = level.flatMap((node) =>
      graph.callers(node).flatMap((call) => (isFollowed(call) ? call.caller : [])),
    );
    level = [...new Set(callers)].filter((caller) => !found.has(caller));
    for (const caller of level) found.add(caller);
  }
  return found;
}

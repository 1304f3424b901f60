import { memoizeByIdentity } from '../../cache/memoize.js';
import type { Phase } from '../../backends/phase.js';
import { OPERATIONS_STRUCT } from '../../facts/symbols/opsTables.js';
import type { Guard } from '../../syntax/conditions/guard.js';
import { fileOffset, type CallEdge, type GraphNode } from '../callGraph.js';
import { callersByDistance, callsOfStep, FARTHEST } from '../callWalk.js';
import { doneAt } from '../evaluationOrder.js';
import { HANDLING_OPERATION } from '../exitHandlers.js';
import type { RegisterModel } from '../registerModel.js';
import type { TreeBackend } from '../treeBackends.js';
import { vendorOfFile } from './backends.js';

/** A way by which a run of a vCPU comes to a place in a function. */
export interface RunPath {
  /** The calls to it, from the common code's function on the way to VM-entry (`vcpu_enter_guest`) down. */
  readonly calls: readonly CallEdge[];
  /**
   * For sorting: where in their files the calls end, then the place itself. What two paths have in common is of the same functions, so
   * that the first difference is one of order in a function.
   */
  readonly order: readonly number[];
}

/**
 * The functions in which a run begins: those on the way to VM-entry that no other on it calls. Where common code enters guests by an
 * operation, only those that do: what enters one without it has something else tried (nested_vmx_check_vmentry_hw).
 */
export const runBeginnings = memoizeByIdentity(({ phases, graph }: RegisterModel): readonly GraphNode[] => {
  const { entryPath } = phases;
  const isCalled = (node: GraphNode) => graph.callers(node).some(({ caller }) => entryPath.has(caller));
  const tops = [...entryPath.keys()].filter((node) => !isCalled(node));
  const isByOperation = (node: GraphNode) =>
    graph.callees(node).some(({ operation, callee }) => operation !== null && entryPath.has(callee));
  return tops.some(isByOperation) ? tops.filter(isByOperation) : tops;
});

/**
 * The ways by which a run of a backend's guest comes to a place, on a side of VM-entry; empty for a place that it does not come to.
 * `offset`: in the function, counted from its start.
 */
export function runPaths(
  model: RegisterModel,
  backend: TreeBackend,
  { node, offset, phase }: { readonly node: GraphNode; readonly offset: number; readonly phase: Phase },
): readonly RunPath[] {
  const { entryPath } = model.phases;
  if (entryPath.has(node))
    return phase === model.phases.at(node, offset) ? pathsOnEntryPath(model, backend, node, offset) : [];
  // Nested code, an ioctl's or SMM's is another purpose than running the guest, whoever has called it.
  const isOwn = ({ caller }: CallEdge) =>
    isOfBackend(model, backend, caller) && (entryPath.has(caller) || !model.phases.hasOwnContext(caller));
  if (!isOfBackend(model, backend, node)) return [];
  for (const steps of callersByDistance(model.graph, node, { most: FARTHEST.betweenEntries })) {
    const tops = steps.filter((step) => entryPath.has(step.node));
    const found = tops.flatMap((step): RunPath[] => {
      const calls = callsOfStep(step).toReversed();
      if (!calls.every(isOwn) || model.phases.at(step.node, step.call.offset) !== phase) return [];
      const below = [...calls.slice(1).map(({ caller, offset: at }) => orderIn(caller, at)), orderIn(node, offset)];
      return pathsOnEntryPath(model, backend, step.node, step.call.offset).map((path) => ({
        calls: [...path.calls, ...calls],
        order: [...path.order, ...below],
      }));
    });
    if (tops.length > 0) return found;
  }
  return [];
}

/** The ways to a place in a function on the way to VM-entry; empty where that enters no guest of the backend. */
function pathsOnEntryPath(model: RegisterModel, backend: TreeBackend, node: GraphNode, offset: number): RunPath[] {
  if (!isOfBackend(model, backend, node)) return [];
  const here = orderIn(node, offset);
  const callers = model.graph.callers(node).filter(({ caller }) => model.phases.entryPath.has(caller));
  if (callers.length === 0) return runBeginnings(model).includes(node) ? [{ calls: [], order: [here] }] : [];
  return callers.flatMap((call) =>
    pathsOnEntryPath(model, backend, call.caller, call.offset).map(({ calls, order }) => ({
      calls: [...calls, call],
      order: [...order, here],
    })),
  );
}

/** For sorting: where in its file a function's call, or what else is named at an offset of it, is done. */
export function orderIn(node: GraphNode, offset: number): number {
  return fileOffset(node, doneAt(node, offset));
}

/** Whether a run of a backend's guest may come to a function: on the way to its VM-entry, in its vendor's module or in common code. */
export function isOfBackend(model: RegisterModel, backend: TreeBackend, node: GraphNode): boolean {
  const entered = enteredBackends(model).get(node);
  if (entered) return entered.has(backend.name);
  const vendor = vendorOfFile(model, node.file);
  return vendor === null || vendor === backend.definition?.vendor;
}

/** For each function on the way to a VM-entry, the backends whose guests it leads to. */
const enteredBackends = memoizeByIdentity((model: RegisterModel): ReadonlyMap<GraphNode, ReadonlySet<string>> => {
  const { entryPath } = model.phases;
  const found = new Map([...entryPath.keys()].map((node) => [node, new Set<string>()]));
  for (const backend of model.backends) {
    const pending = entryNodes(model, backend);
    for (let node = pending.pop(); node; node = pending.pop()) {
      const names = found.get(node);
      if (!names || names.has(backend.name)) continue;
      names.add(backend.name);
      pending.push(...model.graph.callers(node).map(({ caller }) => caller));
    }
  }
  return found;
});

/** The functions on the way to VM-entry that enter guests of a backend themselves. */
export function entryNodes({ phases }: RegisterModel, { entries }: TreeBackend): GraphNode[] {
  return [...phases.entryPath.keys()].filter(({ name }) => entries.includes(name));
}

/** Where a function enters a guest, counted from its start. */
export function entryOffset({ phases }: RegisterModel, node: GraphNode): number {
  return phases.entryPath.get(node)?.first ?? 0;
}

/** The conditions that a call is under in its caller; none where that was not read. */
export function conditionsOfCall({ caller, callee, offset, operation }: CallEdge): readonly Guard[] {
  const named = (caller.c?.callFacts ?? []).filter(
    (call) =>
      call.callee === callee.name || (operation !== null && call.isOperation && call.callee.endsWith(operation)),
  );
  return named.findLast((call) => call.offset <= offset)?.guards ?? [];
}

/** Where a run has an exit of a backend's guest handled: the call of the operation for it, and the backend's own functions behind that. */
export function handlingCalls(
  model: RegisterModel,
  backend: TreeBackend,
): readonly { readonly call: CallEdge; readonly handlers: readonly GraphNode[] }[] {
  const { graph } = model;
  const implementing = new Set(graph.implementations(HANDLING_OPERATION, OPERATIONS_STRUCT));
  return runBeginnings(model).flatMap((node) =>
    graph
      .callees(node)
      .filter(({ operation, callee }) => operation === HANDLING_OPERATION && implementing.has(callee))
      .flatMap((call) => {
        const handlers = ownHandlers(model, backend, call.callee);
        return handlers.length > 0 ? [{ call, handlers }] : [];
      }),
  );
}

/** An implementation of a backend's own; of one that hands on for several backends, the backend's own that it calls. */
function ownHandlers(model: RegisterModel, { definition }: TreeBackend, node: GraphNode): GraphNode[] {
  const isOwn = ({ file }: GraphNode) => vendorOfFile(model, file) === definition?.vendor;
  if (isOwn(node)) return [node];
  if (vendorOfFile(model, node.file) !== null) return [];
  return [
    ...new Set(model.graph.callees(node).flatMap(({ callee, operation }) => (operation === null ? callee : []))),
  ].filter(isOwn);
}

/** Where in its file each call ends that has an exit handled, of whichever backend. */
export function exitHandlingOffsets(model: RegisterModel): readonly number[] {
  return runBeginnings(model).flatMap((node) =>
    model.graph
      .callees(node)
      .filter(({ operation }) => operation === HANDLING_OPERATION)
      .map(({ offset }) => orderIn(node, offset)),
  );
}

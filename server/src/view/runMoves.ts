import type { Transfer } from '../backends/transfer.js';
import { offsetIn } from '../model/callGraph.js';
import { functionNamed } from '../model/query/functions.js';
import { conditionsOfCall, runPaths, type RunPath } from '../model/query/runPaths.js';
import { isAroundEntry, xsaveAssignments } from '../model/query/xsaveAssignments.js';
import { stateTitle } from '../model/query/xsaveStates.js';
import type { RegisterModel } from '../model/registerModel.js';
import type { TreeBackend } from '../model/treeBackends.js';
import type { XsaveAssignment } from '../model/xsave/xsaveModel.js';
import { unionGuards } from '../syntax/conditions/guard.js';
import { callsIn, isAroundRun, placesOf, positionOf, runConditions, type OrderedStep } from './runStep.js';

/** What a backend's owners have moved around VM-entry: each transfer on each way to it. */
export function moveSteps(model: RegisterModel, backend: TreeBackend): OrderedStep[] {
  return model.registers.flatMap(({ register, owners }) => {
    const own = owners.filter((owner) => owner.backend === backend.name);
    const transfers = own.flatMap(({ load, store }) => [...store, ...load]).filter(({ phase }) => isAroundRun(phase));
    const distinct = new Map(transfers.map((transfer) => [siteKey(transfer), transfer]));
    return [...distinct.values()].flatMap((transfer) => transferSteps(model, backend, transfer, register));
  });
}

/** Owners under several conditions may share a transfer. */
function siteKey({ file, offset, from, to }: Transfer): string {
  return [file, offset, from?.name, to?.name].join(' ');
}

function transferSteps(
  model: RegisterModel,
  backend: TreeBackend,
  transfer: Transfer,
  register: string,
): OrderedStep[] {
  const { phase, file, line, function: fn, offset } = transfer;
  const node = functionNamed(model, fn, file);
  if (!node) return [];
  return runPaths(model, backend, { node, offset: offsetIn(node, offset), phase }).map((path) => {
    const helpers = path.calls.filter(({ callee }) => !model.phases.entryPath.has(callee));
    const guards = helpers.map(conditionsOfCall).reduce(unionGuards, []);
    return {
      ...placesOf(model, transfer),
      ...positionOf(model, path, phase),
      kind: 'move',
      file,
      line,
      what: fn,
      function: fn,
      conditions: runConditions(backend, unionGuards(guards, transfer.conditions)),
      registers: [register],
    };
  });
}

/** What is switched of XSAVE state around VM-entry, the host's values too, on each way of a run to it. */
export function xsaveSteps(model: RegisterModel, backend: TreeBackend): OrderedStep[] {
  return xsaveAssignments(model).flatMap((assignment) => {
    if (!isSwitch(model, assignment)) return [];
    const { state, side, file, line, function: fn, node, offset, phase, conditions } = assignment;
    const paths = runPaths(model, backend, { node, offset: offsetIn(node, offset), phase });
    return paths
      .filter((path) => isOnWay(model, path, assignment))
      .map((path) => ({
        ...placesOf(model, assignment),
        ...positionOf(model, path, phase),
        kind: 'move' as const,
        file,
        line,
        what: fn,
        function: fn,
        conditions: runConditions(backend, conditions),
        registers: [side === 'host' ? `host's ${stateTitle(state)}` : stateTitle(state)],
      }));
  });
}

function isSwitch(model: RegisterModel, assignment: XsaveAssignment): boolean {
  if (assignment.from !== null) return isAroundEntry(model, assignment);
  return isAroundRun(assignment.phase) && assignment.to.kind === 'hardware';
}

/** Whether a path has one of the calls that an assignment is known to be done for: others give the function something else. */
function isOnWay(model: RegisterModel, { calls }: RunPath, { callers }: XsaveAssignment): boolean {
  const known = new Set(callers.map((call) => `${call.file} ${String(call.line)}`));
  return known.size === 0 || callsIn(model, calls).some((call) => known.has(`${call.file} ${String(call.line)}`));
}

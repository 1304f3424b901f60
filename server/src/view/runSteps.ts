import { groupBy } from '../model/groupBy.js';
import type { RegisterModel } from '../model/registerModel.js';
import type { TreeBackend } from '../model/treeBackends.js';
import { bitmapSteps, entrySteps, fetchSteps, handlerSteps } from './runMarks.js';
import { moveSteps, xsaveSteps } from './runMoves.js';
import type { OrderedStep, RunStep } from './runStep.js';

/** The steps of a run of a backend's guest in the order of the code, what a function moves together as one; then what is fetched on demand. */
export function runSteps(model: RegisterModel, backend: TreeBackend): RunStep[] {
  const steps = [
    ...moveSteps(model, backend),
    ...xsaveSteps(model, backend),
    ...entrySteps(model, backend),
    ...bitmapSteps(model, backend),
    ...handlerSteps(model, backend),
  ];
  const inOrder = neighboursJoined(steps.sort((a, b) => compareOrder(a.order, b.order)));
  const fetched = [...groupBy(fetchSteps(model, backend), groupKey).values()].flatMap(joinedStep);
  return [...inOrder, ...fetched];
}

function compareOrder(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? -1) - (b[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Steps that follow each other and differ in the register alone are one. */
function neighboursJoined(steps: readonly OrderedStep[]): OrderedStep[] {
  const runs: OrderedStep[][] = [];
  for (const step of steps) {
    const run = runs.at(-1);
    if (run?.[0] && groupKey(run[0]) === groupKey(step)) run.push(step);
    else runs.push([step]);
  }
  return runs.flatMap(joinedStep);
}

/** One step for several, at the line of the first. */
function joinedStep(steps: readonly OrderedStep[]): OrderedStep[] {
  return steps
    .slice(0, 1)
    .map((first) => ({ ...first, registers: [...new Set(steps.flatMap(({ registers }) => registers))] }));
}

function groupKey({ part, kind, from, to, what, file, conditions, calls }: OrderedStep): string {
  const places = [from, to].map((place) => `${place?.title ?? ''} ${place?.block ?? ''}`);
  const callers = calls.map((call) => `${call.file}:${String(call.line)}`);
  return [part, kind, what, file, ...places, ...conditions, ...callers].join('\n');
}

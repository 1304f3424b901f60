import type { GraphNode } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import { functionAt } from './functions.js';
import { assignmentsThrough } from './xsaveAssignments.js';

/** Words of code that knows of guests. */
const OF_GUESTS = /kvm|vcpu|guest/i;

/** Whether a function knows of no guest: the FPU core's, which runs for the host's own tasks, whatever KVM uses it for. */
export function isOfHostTasks({ c }: GraphNode): boolean {
  if (!c) return false;
  for (const word of c.words.keys()) if (OF_GUESTS.test(word)) return false;
  return !OF_GUESTS.test(c.name);
}

/** Whether an offset is in a function that knows of no guest and does nothing that KVM has it do: what stands there is the host's. */
export function isHostOnly(model: RegisterModel, path: string, offset: number): boolean {
  const fn = functionAt(model, path, offset);
  return fn !== null && isOfHostTasks(fn) && assignmentsThrough(model, fn).length === 0;
}

/** Whether an offset is in a function that runs for the host's own tasks, and for KVM too or not. */
export function isSharedWithHost(model: RegisterModel, path: string, offset: number): boolean {
  const fn = functionAt(model, path, offset);
  return fn !== null && isOfHostTasks(fn);
}

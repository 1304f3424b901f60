import { offsetIn } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import { callAt } from './callAt.js';
import { functionAt, functionVisibleIn, isInC } from './functions.js';
import { registerNamed } from './registers.js';
import { isMemberAt, sourceOf } from './text.js';
import { unlistedIn } from './unlistedRegisters.js';
import { heldByVariable, variableOf } from './variables.js';

/** A register whose value a call hands on to a function that is not known to do anything with registers. */
export interface HandedRegister {
  /** As the manuals call it. */
  readonly held: string;
  /** The variable that has it, which is called after it. */
  readonly variable: string;
}

/** The one register that the call whose name stands at an offset of a file hands on, `kvm_lapic_set_tpr(vcpu, cr8)`; null for none, and for several. */
export function registerHandedAt(
  model: RegisterModel,
  path: string,
  offset: number,
  name: string,
): HandedRegister | null {
  const callee = isMemberAt(sourceOf(model, path)?.text ?? '', offset) ? null : functionVisibleIn(model, name, path);
  const fn = callee && isInC(callee) ? functionAt(model, path, offset) : null;
  const call = fn && callAt(model, fn, offsetIn(fn, offset), name);
  if (!call) return null;
  const [found, another] = call.arguments.flatMap((variable): HandedRegister[] => {
    const named = /^\w+$/.test(variable) ? (registerNamed(model, variable)?.register ?? unlistedIn(variable)) : null;
    if (named === null) return [];
    const known = variableOf(model, fn, variable);
    return known && heldByVariable(model, known) === named ? [{ held: named, variable }] : [];
  });
  return another === undefined ? (found ?? null) : null;
}

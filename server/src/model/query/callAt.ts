import type { CallFact } from '../../facts/source/calls.js';
import type { RegisterModel } from '../registerModel.js';
import { argumentTexts } from './callText.js';
import { functionText, type CFunction } from './functions.js';

/** The call whose name stands at an offset of a function; by the text alone in a function that was not parsed, because it names no register. */
export function callAt(model: RegisterModel, fn: CFunction, at: number, name: string): CallFact | null {
  const calls = fn.c.callFacts.filter((one) => one.callee === name && one.offset <= at);
  const call = calls.at(-1);
  if (call) return at - call.offset > LONGEST_MACRO ? null : call;
  if (fn.c.callFacts.length > 0) return null;
  const text = functionText(model, fn);
  const given = argumentTexts(text, at);
  const isOperation =
    text.slice(Math.max(0, at - 2), at) === '->' ||
    model.graph.callees(fn).some(({ operation, offset }) => operation === name && offset === at);
  return given.length === 0
    ? null
    : { callee: name, isOperation, table: null, offset: at, guards: [], arguments: given };
}

/** Characters of a macro, or of a table's name, before the operation that is called: `static_call(kvm_x86_`. */
const LONGEST_MACRO = 40;

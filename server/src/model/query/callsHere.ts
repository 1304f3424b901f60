import type { Place } from '../../backends/place.js';
import type { CallFact } from '../../facts/source/calls.js';
import { fileOffset, offsetIn } from '../callGraph.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { argumentTexts, resultTarget } from './callText.js';
import { calledBy, functionAt, functionText, type CFunction } from './functions.js';
import { numberedRegister } from './numberedRegisters.js';
import { registerReturned } from './returnedRegisters.js';
import { registerWritten } from './writtenArguments.js';

/** What a call does with the register that its function, or operation, sets or returns. As written. */
export type CallHere =
  | { readonly kind: 'given'; readonly register: Register; readonly value: string }
  | { readonly kind: 'read'; readonly register: Register }
  | { readonly kind: 'returned'; readonly register: Register; readonly target: string; readonly place: Place | null };

/** What the call whose name stands at an offset of a file does there: what it sets a register to, or where it puts the value of one; null for any other word. */
export function callHere(model: RegisterModel, path: string, offset: number, name: string): CallHere | null {
  const fn = functionAt(model, path, offset);
  const call = fn && callAt(model, fn, offset, name);
  if (!call) return null;
  const numbered = numberedRegister(model, fn, call);
  if (numbered?.value) return { kind: 'given', register: numbered.register, value: numbered.value };
  for (const [at, value] of call.arguments.entries()) {
    const register = registerWritten(model, { fn, call, at, distance: 0 });
    if (register) return { kind: 'given', register, value };
  }
  const registers = new Set(
    numbered
      ? [numbered.register]
      : calledBy(model, fn, call).flatMap((node) => registerReturned(model, node) ?? []),
  );
  const [register, another] = registers;
  const target = resultTarget(functionText(model, fn), call.offset);
  if (!register || another) return null;
  if (target === null) return numbered ? { kind: 'read', register } : null;
  const move = fn.c.moves.find(
    ({ to, other, offset: at }) => to !== null && at <= call.offset && other.startsWith(`${name}(`),
  );
  return { kind: 'returned', register, target, place: move?.to ?? null };
}

/** The call whose name stands at an offset of a file; by the text alone in a function that was not parsed, because it names no register. */
function callAt(model: RegisterModel, fn: CFunction, offset: number, name: string): CallFact | null {
  const calls = fn.c.callFacts.filter((one) => one.callee === name && fileOffset(fn, one.offset) <= offset);
  const call = calls.at(-1);
  if (call) return offset - fileOffset(fn, call.offset) > LONGEST_MACRO ? null : call;
  if (fn.c.callFacts.length > 0) return null;
  const [text, at] = [functionText(model, fn), offsetIn(fn, offset)];
  const given = argumentTexts(text, at);
  const isOperation = text.slice(Math.max(0, at - 2), at) === '->';
  return given.length === 0 ? null : { callee: name, isOperation, table: null, offset: at, guards: [], arguments: given };
}

/** Characters of a macro, or of a table's name, before the operation that is called: `static_call(kvm_x86_`. */
const LONGEST_MACRO = 40;

import type { Place } from '../../backends/place.js';
import { fileOffset } from '../callGraph.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { resultTarget } from './callText.js';
import { calledBy, functionAt, functionText } from './functions.js';
import { registerReturned } from './returnedRegisters.js';
import { registerWritten } from './writtenArguments.js';

/** What a call does with the register that its function, or operation, sets or returns. As written. */
export type CallHere =
  | { readonly kind: 'given'; readonly register: Register; readonly value: string }
  | { readonly kind: 'returned'; readonly register: Register; readonly target: string; readonly place: Place | null };

/** What the call whose name stands at an offset of a file does there: what it sets a register to, or where it puts the value of one; null for any other word. */
export function callHere(model: RegisterModel, path: string, offset: number, name: string): CallHere | null {
  const fn = functionAt(model, path, offset);
  const calls = fn?.c.callFacts.filter((one) => one.callee === name && fileOffset(fn, one.offset) <= offset) ?? [];
  const call = calls.at(-1);
  if (!fn || !call || offset - fileOffset(fn, call.offset) > LONGEST_MACRO) return null;
  for (const [at, value] of call.arguments.entries()) {
    const register = registerWritten(model, { fn, call, at, distance: 0 });
    if (register) return { kind: 'given', register, value };
  }
  const registers = new Set(calledBy(model, fn, call).flatMap((node) => registerReturned(model, node) ?? []));
  const [register, another] = registers;
  const target = resultTarget(functionText(model, fn), call.offset);
  if (!register || another || target === null) return null;
  const move = fn.c.moves.find(
    ({ to, other, offset: at }) => to !== null && at <= call.offset && other.startsWith(`${name}(`),
  );
  return { kind: 'returned', register, target, place: move?.to ?? null };
}

/** Characters of a macro, or of a table's name, before the operation that is called: `static_call(kvm_x86_`. */
const LONGEST_MACRO = 40;

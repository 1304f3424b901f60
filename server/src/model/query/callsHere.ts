import type { Place } from '../../backends/place.js';
import type { CallFact } from '../../facts/source/calls.js';
import { offsetIn, operationName } from '../callGraph.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { callAt } from './callAt.js';
import { resultTarget } from './callText.js';
import { debugGiven, debugValues } from './debugNumbers.js';
import { calledBy, functionAt, functionText, type CFunction } from './functions.js';
import { numberedRegister } from './numberedRegisters.js';
import { registerReturned, returnsAddress } from './returnedRegisters.js';
import { segmentOfNumber } from './segmentNumbers.js';
import { unlistedSet } from './unlistedValues.js';
import { registerWritten } from './writtenArguments.js';

/** What a call does with the registers that its function, or operation, sets, or with the one that it returns. As written. */
export type CallHere =
  | { readonly kind: 'given'; readonly values: readonly [GivenValue, ...GivenValue[]] }
  | { readonly kind: 'segment'; readonly segment: string }
  /** A debug register is read to a variable. */
  | { readonly kind: 'debug'; readonly register: string; readonly target: string }
  | { readonly kind: 'read'; readonly register: Register }
  | ReturnedHere;

/** An argument, as written, with what the register is called that it is for: as by the manuals, also one that no enum lists. */
interface GivenValue {
  readonly register: string;
  readonly value: string;
}

/** `isAddress`: of the register's place, not its value. */
interface ReturnedHere {
  readonly kind: 'returned';
  readonly register: Register;
  readonly isAddress: boolean;
  readonly target: string;
  readonly place: Place | null;
}

/** What the call whose name stands at an offset of a file does there: what it sets a register to, or where it puts the value of one; null for any other word. */
export function callHere(model: RegisterModel, path: string, offset: number, name: string): CallHere | null {
  const fn = functionAt(model, path, offset);
  const call = fn && callAt(model, fn, offsetIn(fn, offset), name);
  if (!call) return null;
  const segment = call.arguments.flatMap((text) => segmentOfNumber(model, text) ?? [])[0];
  if (segment !== undefined) return { kind: 'segment', segment };
  const numbered = numberedRegister(model, fn, call);
  if (numbered?.value)
    return { kind: 'given', values: [{ register: numbered.register.register, value: numbered.value }] };
  const [value, ...values] = valuesGiven(model, fn, call);
  if (value) return { kind: 'given', values: [value, ...values] };
  const debug = debugRead(model, fn, call);
  if (debug) return debug;
  const registers = new Set(
    numbered ? [numbered.register] : calledBy(model, fn, call).flatMap((node) => registerReturned(model, node) ?? []),
  );
  const [register, another] = registers;
  const target = resultTarget(functionText(model, fn), call.offset);
  if (!register || another) return null;
  if (target === null) return numbered ? { kind: 'read', register } : null;
  const move = fn.c.moves.find(
    ({ to, other, offset: at }) => to !== null && at <= call.offset && other.startsWith(`${name}(`),
  );
  const isAddress = calledBy(model, fn, call).some((node) => returnsAddress(model, node));
  return { kind: 'returned', register, isAddress, target, place: move?.to ?? null };
}

/** The variable that a call reads a debug register to by its number: `get_dr(ctxt, 7, &dr7)`. */
function debugRead(model: RegisterModel, fn: CFunction, call: CallFact): CallHere | null {
  const text = functionText(model, fn);
  // Where an operation is called, its name stands behind the macro, or the table, that the call begins with.
  const at = call.offset + text.slice(call.offset).indexOf(operationName(call.callee));
  const [found] = calledBy(model, fn, call).flatMap((callee) => debugValues(model, callee, text, at));
  return found && !found.isWritten ? { kind: 'debug', register: found.register, target: found.variable } : null;
}

/** The arguments of a call that each become one register's value. */
function valuesGiven(model: RegisterModel, fn: CFunction, call: CallFact): GivenValue[] {
  const callees = calledBy(model, fn, call);
  const debug = callees.flatMap((callee) => debugGiven(model, callee, call.arguments) ?? []);
  if (debug.length > 0) return debug.slice(0, 1);
  return call.arguments.flatMap((value, at): GivenValue[] => {
    const listed = registerWritten(model, { fn, call, at, distance: 0 });
    if (listed) return [{ register: listed.register, value }];
    const [register, another] = new Set(callees.flatMap((callee) => unlistedSet(model, callee, at) ?? []));
    return register === undefined || another !== undefined ? [] : [{ register, value }];
  });
}

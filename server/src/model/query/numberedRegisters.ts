import type { CallFact } from '../../facts/source/calls.js';
import type { Guard } from '../../syntax/conditions/guard.js';
import { operationName } from '../callGraph.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { cFunctionsCalledBy, type CFunction } from './functions.js';
import { referencesOfFunction } from './references.js';
import { registerOf } from './registers.js';
import { registerWritten } from './writtenArguments.js';

/** The register that a call is about by a constant number which its function chooses by: 4 of `get_cr(ctxt, 4)`. */
export interface NumberedRegister {
  readonly register: Register;
  /** Whether the call sets it to what it is given; else its result is what it has. */
  readonly isSet: boolean;
  /** The argument that it is set to, as written; null for a read. */
  readonly value: string | null;
}

/** The register that a call names by a constant, where the function that it reaches does something with one register under the case of that number; null for any other call. */
export function numberedRegister(model: RegisterModel, fn: CFunction, call: CallFact): NumberedRegister | null {
  const numbers = call.arguments.filter((text) => /^\d+$/.test(text));
  const [number, another] = numbers;
  if (number === undefined || another !== undefined) return null;
  const found = cFunctionsCalledBy(model, fn, call).map(
    (callee) => registerSet(model, call, callee, number) ?? registerRead(model, callee, number),
  );
  const [only = null, ...others] = found;
  return others.every((one) => one?.register === only?.register) ? only : null;
}

/** The registers that a function sets to a parameter of its, each under the case of a number: those of `emulator_set_cr`. */
export function registersSetByNumber(model: RegisterModel, fn: CFunction): readonly Register[] {
  const found = fn.c.callFacts.flatMap((call) =>
    isChosenByParameter(fn, call.guards) ? (parameterWritten(model, fn, call)?.register ?? []) : [],
  );
  return [...new Set(found)];
}

/** The registers that a function has a call set to a parameter of its, with the first function, or operation, that is called so. */
export function registersHandedOn(
  model: RegisterModel,
  fn: CFunction,
): readonly { readonly register: Register; readonly callee: string }[] {
  const found = fn.c.callFacts.flatMap((call) => {
    const register = call.guards.some(({ kind }) => kind === 'case')
      ? null
      : parameterWritten(model, fn, call)?.register;
    return register ? [{ register, callee: operationName(call.callee) }] : [];
  });
  return [...new Map(found.toReversed().map((one) => [one.register, one])).values()].toReversed();
}

function registerRead(model: RegisterModel, callee: CFunction, number: string): NumberedRegister | null {
  const reads = referencesOfFunction(model, callee).filter(
    ({ kind, guards }) => kind === 'read' && isOfCase(guards, number),
  );
  const registers = new Set(reads.flatMap(({ register }) => registerOf(model, register) ?? []));
  const [register, another] = registers;
  return register && !another ? { register, isSet: false, value: null } : null;
}

/** What is called with one of the function's own parameters under the case of a number, and sets one register to that. */
function registerSet(model: RegisterModel, call: CallFact, callee: CFunction, number: string): NumberedRegister | null {
  for (const inner of callee.c.callFacts.filter(({ guards }) => isOfCase(guards, number))) {
    const written = parameterWritten(model, callee, inner);
    if (written) return { register: written.register, isSet: true, value: call.arguments[written.parameter] ?? null };
  }
  return null;
}

/** The register that a call sets to what a parameter of its function is a part of, and which parameter that is. */
function parameterWritten(
  model: RegisterModel,
  fn: CFunction,
  call: CallFact,
): { readonly register: Register; readonly parameter: number } | null {
  for (const [at, text] of call.arguments.entries()) {
    const words = text.split(/\W+/);
    const parameter = fn.c.parameters.findIndex(({ name, type }) => isNumber(type) && words.includes(name));
    const register = parameter < 0 ? null : registerWritten(model, { fn, call, at, distance: 0 });
    if (register) return { register, parameter };
  }
  return null;
}

/** Whether guards hold the case of a switch over a parameter. */
function isChosenByParameter({ c }: CFunction, guards: readonly Guard[]): boolean {
  return guards.some((guard) => guard.kind === 'case' && c.parameters.some(({ name }) => name === guard.subject));
}

function isNumber(type: string): boolean {
  return !/\*|\bstruct\b/.test(type);
}

function isOfCase(guards: readonly Guard[], number: string): boolean {
  return guards.some((guard) => guard.kind === 'case' && guard.labels.includes(number));
}

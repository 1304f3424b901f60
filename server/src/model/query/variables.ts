import type { Place } from '../../backends/place.js';
import type { LocalValue } from '../../facts/registers/localValues.js';
import type { Move } from '../../facts/registers/moves.js';
import type { CallFact } from '../../facts/source/calls.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { cFunctionsCalledBy, functionAt, functionVisibleIn, isInC, type CFunction } from './functions.js';
import { isOfGuest, placeOfTree, registerHeld } from './placeUses.js';
import { registerOf } from './registers.js';
import { sourceOf } from './text.js';

/** A variable that holds a register's value, or is given to one. At least one list is not empty. */
export interface Variable {
  readonly fn: CFunction;
  /** It is a parameter: callers give its value. */
  readonly isParameter: boolean;
  /** What it is set from in its function, in the order of the text. */
  readonly values: readonly HeldValue[];
  /** Where its function writes it to. */
  readonly moves: readonly (Move & { readonly to: Place })[];
  /** The functions that it is handed to and that write it to a register, directly or by others. */
  readonly handed: readonly HandedValue[];
}

/** A local variable's value with the register that it is of; null for what only the place tells. */
export interface HeldValue extends LocalValue {
  readonly register: Register | null;
}

/** A call that is handed a value for a register. */
export interface HandedValue {
  readonly call: CallFact;
  readonly register: Register;
}

/** What a word is as a variable of the function that it is in, or as a parameter in a function's declaration; null for any other. */
export function variableAt(model: RegisterModel, path: string, offset: number, name: string): Variable | null {
  const before = sourceOf(model, path)?.text.slice(Math.max(0, offset - 2), offset) ?? '';
  if (/(?:->|\.)$/.test(before)) return null;
  const fn = functionAt(model, path, offset) ?? declaredAt(model, path, offset);
  if (!fn) return null;
  const variable: Variable = {
    fn,
    isParameter: fn.c.parameters.some((parameter) => parameter.name === name),
    values: fn.c.localValues.flatMap((value) => (value.name === name ? heldValue(model, fn, value) : [])),
    moves: givenTo(fn, name),
    handed: handedTo(model, fn, name),
  };
  return variable.values.length + variable.moves.length + variable.handed.length > 0 ? variable : null;
}

/** The register that a variable's values are of, or that it is given to; null where those are several, and for one that the enum does not list. */
export function registerOfVariable(model: RegisterModel, { values, moves, handed }: Variable): Register | null {
  const registers = new Set([
    ...values.flatMap(({ from, register }) => (register || from.kind !== 'cache' ? [register] : [])),
    ...moves.flatMap(({ to }) => heldBy(model, to) ?? []),
    ...handed.map(({ register }) => register),
  ]);
  const [only = null, another] = registers;
  return another === undefined ? only : null;
}

/** Characters before a word in which the name of its function's declaration stands. */
const LONGEST_DECLARATION = 400;

/** The function whose declaration, without a body, an offset of a file is among the parameters of. */
function declaredAt(model: RegisterModel, path: string, offset: number): CFunction | null {
  const text = sourceOf(model, path)?.text ?? '';
  const begins = text.slice(Math.max(0, offset - LONGEST_DECLARATION), offset);
  const name = /\b(\w+)\s*\([^(){};]*$/.exec(begins)?.[1];
  if (name === undefined || !/^[^(){};]*\)[^(){};]*;/.test(text.slice(offset, offset + LONGEST_DECLARATION)))
    return null;
  const node = functionVisibleIn(model, name, path);
  return node && isInC(node) ? node : null;
}

function heldValue(model: RegisterModel, fn: CFunction, value: LocalValue): HeldValue[] {
  const from = placeOfTree(model, fn, value.from, value.offset);
  const register = heldBy(model, from);
  return register || from.kind === 'cache' || isOfGuest(model, from, null) ? [{ ...value, from, register }] : [];
}

function heldBy(model: RegisterModel, place: Place): Register | null {
  return registerOf(model, place.register) ?? registerHeld(model, place);
}

function givenTo({ c }: CFunction, name: string): (Move & { readonly to: Place })[] {
  return c.moves.flatMap(({ to, ...move }) =>
    move.from === null && to !== null && move.other === name ? [{ ...move, to }] : [],
  );
}

function handedTo(model: RegisterModel, fn: CFunction, name: string): HandedValue[] {
  return fn.c.callFacts.flatMap((call) => {
    const at = call.arguments.indexOf(name);
    const register = at < 0 ? null : registerWritten(model, { fn, call, at, distance: 0 });
    return register ? [{ call, register }] : [];
  });
}

/** Whether a function does one thing or another with a parameter, by the cases of a switch: `emulator_set_cr`. */
function isChosenByCase({ c }: CFunction, name: string): boolean {
  const uses = [
    ...c.moves.filter(({ other }) => isOf(other, name)),
    ...c.callFacts.filter((call) => call.arguments.some((text) => isOf(text, name))),
  ];
  return uses.some(({ guards }) => guards.some(({ kind }) => kind === 'case'));
}

function isOf(text: string, name: string): boolean {
  return text.split(/\W+/).includes(name);
}

/** Whether a function hands a parameter to an operation that sets one register to it: `kvm_set_cr0`. */
export function setsRegisterByOperation(model: RegisterModel, fn: CFunction): boolean {
  return fn.c.callFacts.some(
    (call) =>
      call.isOperation &&
      call.arguments.some(
        (text, at) =>
          fn.c.parameters.some(({ name }) => name === text) &&
          registerWritten(model, { fn, call, at, distance: 0 }) !== null,
      ),
  );
}

/** An argument of a call, and how many calls lie before. */
interface Argument {
  readonly fn: CFunction;
  readonly call: CallFact;
  /** 0-based. */
  readonly at: number;
  readonly distance: number;
}

/** How many calls a value is followed through. */
const MOST_CALLS = 4;

/**
 * The one register that all functions which a call may reach write an argument to, if any does; null where they differ, and where
 * another argument chooses what is done with it.
 */
function registerWritten(model: RegisterModel, { fn, call, at, distance }: Argument): Register | null {
  if (distance >= MOST_CALLS) return null;
  const registers = new Set(
    cFunctionsCalledBy(model, fn, call).flatMap((callee) => {
      const name = callee.c.parameters[at]?.name;
      if (name === undefined || isChosenByCase(callee, name)) return [];
      const own = givenTo(callee, name).flatMap(({ to }) => heldBy(model, to) ?? []);
      const further = callee.c.callFacts.flatMap((next) => {
        const index = next.arguments.indexOf(name);
        const argument = { fn: callee, call: next, at: index, distance: distance + 1 };
        return index < 0 ? [] : (registerWritten(model, argument) ?? []);
      });
      return [...own, ...further];
    }),
  );
  const [only = null, another] = registers;
  return another ? null : only;
}

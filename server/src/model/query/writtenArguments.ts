import type { Place } from '../../backends/place.js';
import type { Move } from '../../facts/registers/moves.js';
import type { CallFact } from '../../facts/source/calls.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { cFunctionsCalledBy, type CFunction } from './functions.js';
import { registerHeld } from './placeUses.js';
import { registerOf } from './registers.js';

/** The register that a place holds by what is known of the place, or by the manuals' names. */
export function heldBy(model: RegisterModel, place: Place): Register | null {
  return registerOf(model, place.register) ?? registerHeld(model, place);
}

/** The moves of a function that write a variable's value to a place: all of the place, not what is added to its old value. */
export function givenTo({ c }: CFunction, name: string): (Move & { readonly to: Place })[] {
  return c.moves.flatMap(({ to, ...move }) =>
    move.from === null && to !== null && !move.isPartial && move.other === name ? [{ ...move, to }] : [],
  );
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
export function registerWritten(model: RegisterModel, { fn, call, at, distance }: Argument): Register | null {
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

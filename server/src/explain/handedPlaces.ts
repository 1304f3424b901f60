import type { CallFact } from '../facts/source/calls.js';
import { functionText } from '../model/query/functions.js';
import type { PlaceUse } from '../model/query/placeUses.js';
import type { RegisterModel } from '../model/registerModel.js';
import { code, type Phrase } from './explanation.js';

/** The call that is handed a place's address: it may read and write what is there. */
export function takerPhrases(model: RegisterModel, use: PlaceUse): Phrase[] {
  const call = callAround(model, use, () => true);
  return call ? [', for ', code(call.callee)] : [];
}

/** The call that gets what is read among its arguments; a macro of capitals, as CC() around a check, gets nothing. */
export function handedPhrases(model: RegisterModel, use: PlaceUse): Phrase[] {
  const field = use.place.name.split(/\W+/).at(-1);
  const isGiven = (text: string) => field !== undefined && text.split(/\W+/).includes(field);
  const call = callAround(model, use, (one) => /[a-z]/.test(one.callee) && one.arguments.some(isGiven));
  return call ? [', handed to ', code(call.callee)] : [];
}

/** The innermost call of a kind among whose arguments a place is accessed. */
function callAround(
  model: RegisterModel,
  { fn, move: { offset, statement } }: PlaceUse,
  isMeant: (call: CallFact) => boolean,
): CallFact | undefined {
  const text = functionText(model, fn);
  return fn.c.callFacts.findLast(
    (one) =>
      one.offset >= statement && one.offset < offset && isMeant(one) && isInArguments(text.slice(one.offset, offset)),
  );
}

/** Whether a text that begins with a call ends among its arguments: `f(a, g(b), `, but not `f(a) || `. An operation's macro has its own parentheses before: `kvm_x86_call(set_gdt)(`. */
function isInArguments(text: string): boolean {
  let depth = 0;
  for (const [at, mark] of Array.from(text).entries()) {
    if (mark === '(') depth++;
    else if (mark === ')' && --depth === 0 && text[at + 1] !== '(') return false;
  }
  return depth > 0;
}

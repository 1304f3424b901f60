import { segmentIn } from '../../backends/saveArea.js';
import type { Move } from '../../facts/registers/moves.js';
import { wordsIn } from '../../syntax/conditions/condition.js';
import type { ConditionGuard, Guard } from '../../syntax/conditions/guard.js';
import { offsetIn } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import { calledBy, functionAt, functionText, type CFunction } from './functions.js';
import { registerHeld } from './placeUses.js';
import { registerOf } from './registers.js';
import { unlistedIn } from './unlistedRegisters.js';
import { unlistedSet } from './unlistedValues.js';
import { registerWritten } from './writtenArguments.js';

/** The registers that the test decides about which a word of a file stands in: those that are moved, or set by others, on either side of it. As the manuals call them, in the order of the text. */
export function decidedHere(model: RegisterModel, path: string, offset: number, word: string): readonly string[] {
  const fn = functionAt(model, path, offset);
  if (!fn) return [];
  const at = offsetIn(fn, offset);
  const text = functionText(model, fn);
  const isHere = (guards: readonly Guard[]) => guards.some((guard) => isTestAt(guard, word, { text, at }));
  const moved = fn.c.moves.flatMap((move) =>
    move.offset > at && isHere(move.guards) ? [{ offset: move.offset, names: heldBy(model, move) }] : [],
  );
  const set = fn.c.callFacts.flatMap((call) =>
    call.offset > at && isHere(call.guards) ? [{ offset: call.offset, names: setBy(model, fn, call) }] : [],
  );
  const found = [...moved, ...set].sort((a, b) => a.offset - b.offset).flatMap(({ names }) => names);
  return [...new Set(found)];
}

/** Whether a guard is the test that stands around an offset of a function's text. */
function isTestAt(
  guard: Guard,
  word: string,
  { text, at }: { readonly text: string; readonly at: number },
): guard is ConditionGuard {
  if (guard.kind === 'case' || !wordsIn(guard.condition).includes(word)) return false;
  // A condition is kept without the breaks of its lines.
  const before = onOneLine(text.slice(Math.max(0, at - LONGEST_TEST), at));
  const condition = onOneLine(guard.condition.text);
  const start = (before + onOneLine(text.slice(at, at + LONGEST_TEST))).lastIndexOf(condition, before.length);
  return start >= 0 && before.length < start + condition.length;
}

/** Characters of a condition on either side of a word. */
const LONGEST_TEST = 600;

function onOneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}

function heldBy(model: RegisterModel, { from, to }: Move): string[] {
  for (const place of [to, from]) {
    if (!place) continue;
    const register = registerOf(model, place.register) ?? registerHeld(model, place, place === to ? from : to);
    if (register) return [segmentIn(place.name)?.split(' ')[0] ?? register.register];
    const unlisted = unlistedIn(place.name);
    if (unlisted !== null) return [unlisted];
  }
  return [];
}

function setBy(model: RegisterModel, fn: CFunction, call: CFunction['c']['callFacts'][number]): string[] {
  return call.arguments.flatMap((_, at) => {
    const register = registerWritten(model, { fn, call, at, distance: 0 });
    if (register) return [register.register];
    return calledBy(model, fn, call).flatMap((callee) => unlistedSet(model, callee, at) ?? []);
  });
}

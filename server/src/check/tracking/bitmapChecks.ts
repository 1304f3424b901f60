import type { CallFact } from '../../facts/source/calls.js';
import { AVAILABLE_BITMAP, DIRTY_BITMAP, type TreeSymbols } from '../../facts/symbols/treeSymbols.js';
import { subjectOf, type TrackedCode, type TrackedFunction } from './trackedCode.js';
import { memoizeByIdentity } from '../../cache/memoize.js';

/** What a condition tests of a register: its avail or its dirty bit. */
interface BitTest {
  readonly bit: 'available' | 'dirty';
  /** As `CacheUse.subject`. */
  readonly subject: string;
  /** Whether the bit is set where the condition holds. */
  readonly isSet: boolean;
}

/** The tests of avail and dirty bits in a condition, as guards write it. */
function bitTests(symbols: TreeSymbols, condition: string): BitTest[] {
  return [...condition.matchAll(/\b(\w+)\s*\(/g)].flatMap(({ 0: head, 1: name = '', index }): BitTest[] => {
    const tested = testedBit(symbols, name, argumentsAt(condition, index + head.length));
    return tested ? [{ ...tested, isSet: !isNegated(condition, index) }] : [];
  });
}

function testedBit(
  symbols: TreeSymbols,
  name: string,
  given: readonly string[],
): Pick<BitTest, 'bit' | 'subject'> | null {
  const indexed = symbols.indexed.get(name);
  if (indexed?.kind === 'test-available' || indexed?.kind === 'test-dirty') {
    const bit = indexed.kind === 'test-dirty' ? 'dirty' : 'available';
    return { bit, subject: subjectOf(symbols, given[indexed.parameter] ?? '') };
  }
  const [number = '', bitmap = ''] = given;
  const bit = /test.*_bit$/.test(name) ? bitmapNamed(bitmap) : null;
  return bit && { bit, subject: subjectOf(symbols, number) };
}

/** Which of the cache's bitmaps an argument is, as written; null for none. */
export function bitmapNamed(argument: string): BitTest['bit'] | null {
  if (argument.includes(DIRTY_BITMAP)) return 'dirty';
  return argument.includes(AVAILABLE_BITMAP) ? 'available' : null;
}

/** The arguments of a call whose bracket is open just before `from`. */
function argumentsAt(text: string, from: number): string[] {
  let depth = 0;
  let start = from;
  const given: string[] = [];
  for (let i = from; i < text.length; i++) {
    const c = text[i];
    if (depth === 0 && (c === ',' || c === ')')) {
      given.push(text.slice(start, i).trim());
      start = i + 1;
    }
    if (c === '(') depth++;
    else if (c === ')' && --depth < 0) break;
  }
  return given;
}

/** Whether what stands at an offset is negated: by an odd number of `!` before it and before the brackets around it. */
function isNegated(text: string, offset: number): boolean {
  let isOdd = false;
  let depth = 0;
  for (let i = offset - 1, isBefore = true; i >= 0; i--) {
    const c = text[i];
    if (c === ')') depth++;
    else if (c === '(' && depth > 0) depth--;
    else if (c === '(') isBefore = true;
    else if (c === '!' && isBefore && depth === 0) isOdd = !isOdd;
    else if (c !== ' ') isBefore = false;
  }
  return isOdd;
}

/** The functions that test avail bits, each with whose, as `CacheUse.subject`. */
export const askingFunctions = memoizeByIdentity(
  (code: TrackedCode): ReadonlyMap<TrackedFunction, readonly string[]> =>
    new Map(code.functions.flatMap((fn) => askingFunction(code, fn))),
);

function askingFunction({ model: { symbols } }: TrackedCode, fn: TrackedFunction): [TrackedFunction, string[]][] {
  const subjects = fn.facts.callFacts.flatMap((call) => askedByCall(symbols, call) ?? []);
  return subjects.length > 0 ? [[fn, subjects]] : [];
}

function askedByCall(symbols: TreeSymbols, call: CallFact): string | null {
  const tested = testedBit(symbols, call.callee, call.arguments);
  return tested?.bit === 'available' ? tested.subject : null;
}

/** What guards test of a register's bits. */
export function testsOf(symbols: TreeSymbols, guards: readonly string[], subject: string): BitTest[] {
  return guards.flatMap((guard) => bitTests(symbols, guard).filter((test) => test.subject === subject));
}

/** Whether guards say that a register's value is in the cache: it is available, or dirty, which implies it. */
export function isKnownValid(symbols: TreeSymbols, guards: readonly string[], subject: string): boolean {
  return testsOf(symbols, guards, subject).some((test) => test.isSet);
}

/** Whether guards say that a register's avail bit is set. */
export function isKnownAvailable(symbols: TreeSymbols, guards: readonly string[], subject: string): boolean {
  return testsOf(symbols, guards, subject).some((test) => test.bit === 'available' && test.isSet);
}

import { literalsOf, type Guard } from '../../syntax/conditions/guard.js';
import type { CallFact } from '../../facts/source/calls.js';
import { AVAILABLE_BITMAP, DIRTY_BITMAP } from '../../facts/symbols/cacheNames.js';
import type { TreeSymbols } from '../../facts/symbols/treeSymbols.js';
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

/** The tests of avail and dirty bits in guards. */
function bitTests(symbols: TreeSymbols, guards: readonly Guard[]): BitTest[] {
  return literalsOf(guards).flatMap(({ atom, holds: isSet }): BitTest[] => {
    const tested = atom.kind === 'call' ? testedBit(symbols, atom.callee, atom.arguments) : null;
    return tested ? [{ ...tested, isSet }] : [];
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
export function testsOf(symbols: TreeSymbols, guards: readonly Guard[], subject: string): BitTest[] {
  return bitTests(symbols, guards).filter((test) => test.subject === subject);
}

/** Whether guards say that a register's value is in the cache: it is available, or dirty, which implies it. */
export function isKnownValid(symbols: TreeSymbols, guards: readonly Guard[], subject: string): boolean {
  return testsOf(symbols, guards, subject).some((test) => test.isSet);
}

/** Whether guards say that a register's avail bit is set. */
export function isKnownAvailable(symbols: TreeSymbols, guards: readonly Guard[], subject: string): boolean {
  return testsOf(symbols, guards, subject).some((test) => test.bit === 'available' && test.isSet);
}

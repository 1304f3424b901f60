import { literalsOf, type Guard } from '../../syntax/conditions/guard.js';
import type { CallFact } from '../../facts/source/calls.js';
import { bitTest, calledBitTest, type Bitmap } from '../../facts/registers/registerBits.js';
import type { TreeSymbols } from '../../facts/symbols/treeSymbols.js';
import { subjectOf, type TrackedCode, type TrackedFunction } from './trackedCode.js';
import { memoizeByIdentity } from '../../cache/memoize.js';

/** A test of a register's bit in a condition. */
interface GuardTest {
  readonly bit: Bitmap;
  /** As `CacheUse.subject`. */
  readonly subject: string;
  /** Whether the bit is set where the condition holds. */
  readonly isSet: boolean;
}

/** The tests of avail and dirty bits in guards. */
function bitTests(symbols: TreeSymbols, guards: readonly Guard[]): GuardTest[] {
  return literalsOf(guards).flatMap(({ atom, holds: isSet }): GuardTest[] => {
    const test = bitTest(symbols, atom);
    return test ? [{ bit: test.bit, subject: subjectOf(symbols, test.number), isSet }] : [];
  });
}

/** The functions that test avail bits, each with whose, as `CacheUse.subject`. */
export const askingFunctions = memoizeByIdentity(
  (code: TrackedCode): ReadonlyMap<TrackedFunction, readonly string[]> =>
    new Map(code.functions.flatMap((fn) => askingFunction(code, fn))),
);

function askingFunction({ model: { symbols } }: TrackedCode, fn: TrackedFunction): [TrackedFunction, string[]][] {
  const called = fn.facts.callFacts.flatMap((call) => askedByCall(symbols, call) ?? []);
  const named = fn.facts.references.flatMap(({ kind, register }) =>
    kind === 'test-available' && register !== null ? [subjectOf(symbols, register)] : [],
  );
  const subjects = [...new Set([...called, ...named])];
  return subjects.length > 0 ? [[fn, subjects]] : [];
}

function askedByCall(symbols: TreeSymbols, { callee, arguments: given }: CallFact): string | null {
  const test = calledBitTest(symbols, callee, given);
  return test?.bit === 'available' ? subjectOf(symbols, test.number) : null;
}

/** What guards test of a register's bits. */
export function testsOf(symbols: TreeSymbols, guards: readonly Guard[], subject: string): GuardTest[] {
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

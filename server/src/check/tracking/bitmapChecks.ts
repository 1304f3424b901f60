import { literalsOf, type Guard } from '../../syntax/conditions/guard.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { CallFact } from '../../facts/source/calls.js';
import { AVAILABLE_BITMAP, DIRTY_BITMAP } from '../../facts/symbols/cacheNames.js';
import { cFunctions, type CFunction } from '../../model/query/functions.js';
import { indexedFunctionNamed } from '../../model/query/cSymbols.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { subjectOf } from './cacheUses.js';

/** What a condition tests of a register: its avail or its dirty bit. */
interface BitTest {
  readonly bit: 'available' | 'dirty';
  /** As `CacheUse.subject`. */
  readonly subject: string;
  /** Whether the bit is set where the condition holds. */
  readonly isSet: boolean;
}

/** The tests of avail and dirty bits in guards. */
function bitTests(model: RegisterModel, guards: readonly Guard[]): BitTest[] {
  return literalsOf(guards).flatMap(({ atom, holds: isSet }): BitTest[] => {
    const tested = atom.kind === 'call' ? testedBit(model, atom.callee, atom.arguments) : null;
    return tested ? [{ ...tested, isSet }] : [];
  });
}

function testedBit(
  model: RegisterModel,
  name: string,
  given: readonly string[],
): Pick<BitTest, 'bit' | 'subject'> | null {
  const indexed = indexedFunctionNamed(model, name);
  if (indexed?.kind === 'test-available' || indexed?.kind === 'test-dirty') {
    const bit = indexed.kind === 'test-dirty' ? 'dirty' : 'available';
    return { bit, subject: subjectOf(model, given[indexed.parameter] ?? '') };
  }
  const [number = '', bitmap = ''] = given;
  const bit = /test.*_bit$/.test(name) ? bitmapNamed(bitmap) : null;
  return bit && { bit, subject: subjectOf(model, number) };
}

/** Which of the cache's bitmaps an argument is, as written; null for none. */
export function bitmapNamed(argument: string): BitTest['bit'] | null {
  if (argument.includes(DIRTY_BITMAP)) return 'dirty';
  return argument.includes(AVAILABLE_BITMAP) ? 'available' : null;
}

/** The functions that test avail bits, each with whose, as `CacheUse.subject`. */
export const functionsTestingAvailability = memoizeByIdentity(
  (model: RegisterModel): ReadonlyMap<CFunction, readonly string[]> =>
    new Map(
      cFunctions(model).flatMap((fn): [CFunction, string[]][] => {
        const subjects = fn.c.callFacts.flatMap((call) => testedByCall(model, call) ?? []);
        return subjects.length > 0 ? [[fn, subjects]] : [];
      }),
    ),
);

function testedByCall(model: RegisterModel, call: CallFact): string | null {
  const tested = testedBit(model, call.callee, call.arguments);
  return tested?.bit === 'available' ? tested.subject : null;
}

/** What guards test of a register's bits. */
export function testsOf(model: RegisterModel, guards: readonly Guard[], subject: string): BitTest[] {
  return bitTests(model, guards).filter((test) => test.subject === subject);
}

/** Whether guards say that a register's value is in the cache: it is available, or dirty, which implies it. */
export function isKnownValid(model: RegisterModel, guards: readonly Guard[], subject: string): boolean {
  return testsOf(model, guards, subject).some((test) => test.isSet);
}

/** Whether guards say that a register's avail bit is set. */
export function isKnownAvailable(model: RegisterModel, guards: readonly Guard[], subject: string): boolean {
  return testsOf(model, guards, subject).some((test) => test.bit === 'available' && test.isSet);
}

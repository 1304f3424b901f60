import { literalsIn, literalsOf, type Guard } from '../../syntax/conditions/guard.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { CallFact } from '../../facts/source/calls.js';
import { bitTest, calledBitTest, type Bitmap } from '../../facts/registers/registerBits.js';
import { functionNamed, tellingFunctions, type CFunction } from '../../model/query/functions.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { indexedFunctionNamed } from '../../model/query/cSymbols.js';
import type { Reference, ReferenceKind } from '../../facts/registers/reference.js';
import { subjectOf } from './cacheUses.js';

/** A test of a register's bit in a condition. */
interface GuardTest {
  readonly bit: Bitmap;
  /** As `CacheUse.subject`. */
  readonly subject: string;
  /** Whether the bit is set where the condition holds. */
  readonly isSet: boolean;
}

/** The tests of avail and dirty bits in guards; a loop's holds where its body begins. */
function bitTests(model: RegisterModel, guards: readonly Guard[]): GuardTest[] {
  const loops = guards.flatMap((guard) => (guard.kind === 'loop' ? literalsIn(guard.condition, !guard.negated) : []));
  return [...literalsOf(guards), ...loops].flatMap(({ atom, holds: isSet }): GuardTest[] => {
    const test = bitTest(model.symbols, atom);
    return test ? [{ bit: test.bit, subject: subjectOf(model, test.number), isSet }] : [];
  });
}

/** The functions that test avail bits, each with whose, as `CacheUse.subject`. */
export const functionsTestingAvailability = memoizeByIdentity(
  (model: RegisterModel): ReadonlyMap<CFunction, readonly string[]> =>
    new Map(
      tellingFunctions(model).flatMap((fn): [CFunction, string[]][] => {
        const subjects = testedIn(model, fn);
        return subjects.length > 0 ? [[fn, subjects]] : [];
      }),
    ),
);

/** The registers whose avail bits a function tests, each once. */
function testedIn(model: RegisterModel, { c }: CFunction): string[] {
  const called = c.callFacts.flatMap((call) => testedByCall(model, call) ?? []);
  const named = c.references.flatMap(({ kind, register }) =>
    kind === 'test-available' && register !== null ? [subjectOf(model, register)] : [],
  );
  return [...new Set([...called, ...named])];
}

function testedByCall(model: RegisterModel, { callee, arguments: given }: CallFact): string | null {
  const test = calledBitTest(model.symbols, callee, given);
  return test?.bit === 'available' ? subjectOf(model, test.number) : null;
}

/** What guards test of a register's bits. */
export function testsOf(model: RegisterModel, guards: readonly Guard[], subject: string): GuardTest[] {
  return bitTests(model, guards).filter((test) => test.subject === subject);
}

/** The registers of which guards say that their values are in the cache, as `CacheUse.subject`. */
export function validSubjects(model: RegisterModel, guards: readonly Guard[]): string[] {
  return bitTests(model, guards).flatMap(({ isSet, subject }) => (isSet ? [subject] : []));
}

/** Whether guards call a function that tests a register's bit itself: on which side the bit is set, is not told. */
export function isTestedByCall(
  model: RegisterModel,
  { file }: CFunction,
  guards: readonly Guard[],
  subject: string,
): boolean {
  return literalsOf(guards).some(({ atom }) => {
    const called = atom.kind === 'call' ? functionNamed(model, atom.callee, file) : null;
    if (!called?.c || indexedFunctionNamed(model, called.name)) return false;
    const isTest = ({ kind, register }: Reference) => TESTS.has(kind) && register === subject;
    return called.c.references.some(isTest) || called.c.callFacts.some((call) => isTestOf(model, call, subject));
  });
}

const TESTS: ReadonlySet<ReferenceKind> = new Set(['test-available', 'test-dirty']);

function isTestOf(model: RegisterModel, { callee, arguments: given }: CallFact, subject: string): boolean {
  const test = calledBitTest(model.symbols, callee, given);
  return test !== null && subjectOf(model, test.number) === subject;
}

/** Whether guards say that a register's value is in the cache: it is available, or dirty, which implies it. */
export function isKnownValid(model: RegisterModel, guards: readonly Guard[], subject: string): boolean {
  return testsOf(model, guards, subject).some((test) => test.isSet);
}

/** Whether guards say that a register's avail bit is set. */
export function isKnownAvailable(model: RegisterModel, guards: readonly Guard[], subject: string): boolean {
  return testsOf(model, guards, subject).some((test) => test.bit === 'available' && test.isSet);
}

/** Whether a function uses a bitmap in a way that does not tell which registers it is about: it may test, mark or clear any. */
export function isOpaque({ c }: CFunction, bitmap: Bitmap): boolean {
  return c.opaqueBitmaps.some((use) => use.bitmap === bitmap);
}

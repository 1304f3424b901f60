import { memoizeByIdentity } from '../../cache/memoize.js';
import type { CallFact } from '../../facts/source/calls.js';
import { cacheCallbacks, calledBy, cFunctionsCalledBy, type CFunction } from '../../model/query/functions.js';
import { memberNamed } from '../../model/query/registers.js';
import { accessorNamed, indexedFunctionNamed, wrapperNamed } from '../../model/query/cSymbols.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { excludes, type Guard } from '../../syntax/conditions/guard.js';
import { bitmapNamed } from '../../facts/registers/registerBits.js';
import { isKnownValid } from './bitmapChecks.js';
import { cacheUses, subjectGiven, subjectOf } from './cacheUses.js';

/** A place in a function. */
interface Point {
  /** Counted from the function's start. */
  readonly offset: number;
  readonly guards: readonly Guard[];
}

/** A place behind which the cache has a register's value: it was fetched, read by an accessor, written or marked. */
interface Fill extends Point {
  /** As `CacheUse.subject`. */
  readonly subject: string;
}

/** Whether something before a place of a function, and not in another branch, has put a register's value in the cache. */
export function isFilledBefore(model: RegisterModel, fn: CFunction, at: Point, subject: string): boolean {
  return fillsIn(model)(fn).some(
    (fill) => fill.subject === subject && fill.offset < at.offset && areCompatible(fill.guards, at.guards),
  );
}

/** Whether code under some guards may be followed by code under others: not from one branch, or case, to another. */
function areCompatible(earlier: readonly Guard[], later: readonly Guard[]): boolean {
  return !earlier.some((guard) => later.some((other) => excludes(guard, other)));
}

/** The fills of a function: its own, and those of the functions that it calls. */
const fillsIn = memoizeByIdentity((model: RegisterModel) =>
  memoizeByIdentity((fn: CFunction): readonly Fill[] => [...ownFillsIn(model)(fn), ...fillsByCallees(model, fn)]),
);

function fillsByCallees(model: RegisterModel, fn: CFunction): Fill[] {
  return fn.c.callFacts.flatMap((call) =>
    cFunctionsCalledBy(model, fn, call).flatMap((callee) => {
      const inside = call.isOperation ? hardwareLoads(callee) : ownFillsIn(model)(callee).map((fill) => fill.subject);
      return inside
        .map((subject) => subjectGiven(model, callee, subject, call))
        .filter((subject) => memberNamed(model, subject) !== null)
        .map((subject) => ({ subject, offset: call.offset, guards: call.guards }));
    }),
  );
}

/** The registers that a function itself copies from somewhere into the cache. */
function hardwareLoads({ c }: CFunction): string[] {
  return c.moves.flatMap(({ from, to }) => (from && to?.kind === 'cache' && to.register !== null ? [to.register] : []));
}

/** The fills that a function does itself. */
const ownFillsIn = memoizeByIdentity((model: RegisterModel) =>
  memoizeByIdentity((fn: CFunction): readonly Fill[] => [
    ...fn.c.callFacts.flatMap((call) => filledByCall(model, fn, call).map((subject) => ({ ...call, subject }))),
    ...cacheUses(model, fn)
      .filter(({ reference }) => reference.kind === 'write')
      .map(({ subject, reference: { start: offset, guards } }) => ({ subject, offset, guards })),
    ...fn.c.bitmapChanges
      .filter(({ operator }) => operator === '|=')
      .flatMap(({ numbers, offset, guards }) =>
        numbers.map((number) => ({ subject: subjectOf(model, number), offset, guards })),
      ),
    ...fn.c.clears.flatMap((clear) => clearedRegisters(model).map((subject) => ({ ...clear, subject }))),
  ]),
);

/** The members whose slots a `memset` of the whole array clears. */
export function clearedRegisters({ registers }: RegisterModel): string[] {
  return registers.flatMap(({ member, storage }) => (member && storage?.endsWith(']') ? [member.name] : []));
}

function filledByCall(model: RegisterModel, fn: CFunction, call: CallFact): string[] {
  const byNumber = indexedFunctionNamed(model, call.callee);
  if (byNumber?.storage === 'cache')
    return /^(?:read|write|readwrite|mark-available|mark-dirty)$/.test(byNumber.kind)
      ? [subjectOf(model, call.arguments[byNumber.parameter] ?? '')]
      : [];
  const accessor = accessorNamed(model, call.callee);
  if (accessor) return [accessor.member];
  const wrapper = wrapperNamed(model, call.callee);
  if (wrapper) return wrapper.uses.map((use) => use.member);
  const [number = '', bitmap = ''] = call.arguments;
  if (call.callee.endsWith('set_bit') && bitmapNamed(bitmap)) return [subjectOf(model, number)];
  return isFetch(model, fn, call) ? fetchedRegisters(model, fn, call) : [];
}

/** Whether a call fetches a register on demand: by the operation for that, or directly by its implementation and a number. */
export function isFetch(model: RegisterModel, fn: CFunction, call: CallFact): boolean {
  const callbacks = cacheCallbacks(model);
  if (!call.isOperation && !callbacks.some(({ name }) => name === call.callee)) return false;
  const isNumbered = call.arguments.some((argument) => memberNamed(model, subjectOf(model, argument)) !== null);
  if (!call.isOperation && !isNumbered) return false;
  return calledBy(model, fn, call).some((node) => callbacks.includes(node));
}

/** What a call of the fetching operation fetches: the register that it is given, or the one that the operation is for. */
function fetchedRegisters(model: RegisterModel, fn: CFunction, call: CallFact): string[] {
  const numbers = call.arguments.slice(1).map((argument) => subjectOf(model, argument));
  const subjects = numbers.length > 0 ? numbers : cFunctionsCalledBy(model, fn, call).flatMap(hardwareLoads);
  // Where the value is known to be there already, hardware's is older.
  return subjects.filter((subject) => !isKnownValid(model, call.guards, subject));
}

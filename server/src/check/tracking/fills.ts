import { excludes, type Guard } from '../../syntax/conditions/guard.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { CallFact } from '../../facts/source/calls.js';
import { bitmapNamed } from '../../facts/registers/registerBits.js';
import { isKnownValid } from './bitmapChecks.js';
import { type TrackedCode, type TrackedFunction, subjectOf, calledNodes } from './trackedCode.js';

/** A place in a function behind which the cache has a register's value: it was fetched, read by an accessor, written or marked. */
interface Fill {
  /** As `CacheUse.subject`. */
  readonly subject: string;
  readonly offset: number;
  readonly guards: readonly Guard[];
}

/** Whether something before an offset, which does not exclude what is there, has put a register's value in the cache. */
export function isFilledBefore(
  code: TrackedCode,
  fn: TrackedFunction,
  at: { readonly offset: number; readonly guards: readonly Guard[] },
  subject: string,
): boolean {
  return fillsIn(code)(fn).some(
    (fill) => fill.subject === subject && fill.offset < at.offset && areCompatible(fill.guards, at.guards),
  );
}

/** Whether code under some guards may be followed by code under others: not from one branch, or case, to another. */
function areCompatible(earlier: readonly Guard[], later: readonly Guard[]): boolean {
  return !earlier.some((guard) => later.some((other) => excludes(guard, other)));
}

/** The fills of a function: its own, and those of the functions that it calls. */
const fillsIn = memoizeByIdentity((code: TrackedCode) =>
  memoizeByIdentity((fn: TrackedFunction): readonly Fill[] => [...ownFillsIn(code)(fn), ...calledFills(code, fn)]),
);

function calledFills(code: TrackedCode, fn: TrackedFunction): Fill[] {
  const isMember = (subject: string) => code.model.symbols.registers.byName.has(subject);
  return fn.facts.callFacts.flatMap((call) =>
    calledBy(code, fn, call).flatMap((callee) => {
      const inside = call.isOperation ? hardwareLoads(callee) : ownFillsIn(code)(callee).map((fill) => fill.subject);
      return inside.filter(isMember).map((subject) => ({ subject, offset: call.offset, guards: call.guards }));
    }),
  );
}

function calledBy(code: TrackedCode, fn: TrackedFunction, call: CallFact): TrackedFunction[] {
  return calledNodes(code, fn, call).flatMap((node) => code.of(node) ?? []);
}

/** The registers that a function itself copies from somewhere into the cache. */
function hardwareLoads({ facts }: TrackedFunction): string[] {
  return facts.moves.flatMap(({ from, to }) =>
    from && to?.kind === 'cache' && to.register !== null ? [to.register] : [],
  );
}

/** The fills that a function does itself. */
const ownFillsIn = memoizeByIdentity((code: TrackedCode) =>
  memoizeByIdentity((fn: TrackedFunction): readonly Fill[] => [
    ...fn.facts.callFacts.flatMap((call) => filledByCall(code, fn, call).map((subject) => ({ ...call, subject }))),
    ...fn.uses
      .filter(({ reference }) => reference.kind === 'write')
      .map(({ subject, reference: { start: offset, guards } }) => ({ subject, offset, guards })),
    ...fn.facts.bitmapChanges
      .filter(({ operator }) => operator === '|=')
      .flatMap(({ numbers, offset, guards }) =>
        numbers.map((number) => ({ subject: subjectOf(code.model.symbols, number), offset, guards })),
      ),
    ...fn.facts.clears.flatMap((clear) => clearedRegisters(code).map((subject) => ({ ...clear, subject }))),
  ]),
);

/** The members whose slots a `memset` of the whole array clears. */
export function clearedRegisters({ model }: TrackedCode): string[] {
  return model.registers.flatMap(({ member, storage }) => (member && storage?.endsWith(']') ? [member.name] : []));
}

function filledByCall(code: TrackedCode, fn: TrackedFunction, call: CallFact): string[] {
  const { symbols } = code.model;
  const { indexed, accessors, wrappers } = symbols;
  const subject = (written: string | undefined) => subjectOf(symbols, written ?? '');
  const byNumber = indexed.get(call.callee);
  if (byNumber?.storage === 'cache')
    return /^(?:read|write|readwrite|mark-available|mark-dirty)$/.test(byNumber.kind)
      ? [subject(call.arguments[byNumber.parameter])]
      : [];
  const accessor = accessors.get(call.callee);
  if (accessor) return [accessor.member];
  const wrapper = wrappers.get(call.callee);
  if (wrapper) return wrapper.uses.map((use) => use.member);
  const [number, bitmap = ''] = call.arguments;
  if (call.callee.endsWith('set_bit') && bitmapNamed(bitmap)) return [subject(number)];
  return isFetch(code, fn, call) ? fetched(code, fn, call) : [];
}

/** Whether a call fetches a register on demand: by the operation for that, or directly by its implementation and a number. */
export function isFetch(code: TrackedCode, fn: TrackedFunction, call: CallFact): boolean {
  const { phases, symbols } = code.model;
  if (!call.isOperation && !phases.cacheCallbacks.some(({ name }) => name === call.callee)) return false;
  const isNumbered = call.arguments.some((argument) => symbols.registers.byName.has(subjectOf(symbols, argument)));
  if (!call.isOperation && !isNumbered) return false;
  return calledNodes(code, fn, call).some((node) => phases.cacheCallbacks.includes(node));
}

/** What a call of the fetching operation fetches: the register that it is given, or the one that the operation is for. */
export function fetched(code: TrackedCode, fn: TrackedFunction, call: CallFact): string[] {
  const { symbols } = code.model;
  const numbers = call.arguments.slice(1).map((argument) => subjectOf(symbols, argument));
  const subjects = numbers.length > 0 ? numbers : calledBy(code, fn, call).flatMap(hardwareLoads);
  // Where the value is known to be there already, hardware's is older.
  return subjects.filter((subject) => !isKnownValid(symbols, call.guards, subject));
}

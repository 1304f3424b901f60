import type { Owner } from '../../backends/owner.js';
import { hasGuard, negate, type Guard } from '../../syntax/conditions/guard.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { RelatedPlace } from '../finding.js';
import { bitmapNamed } from '../../facts/registers/registerBits.js';
import type { Kept } from './keptRegisters.js';
import { wordAt } from './spans.js';
import { type TrackedCode, type TrackedFunction, subjectOf, calledNodes } from './trackedCode.js';

/** Whether a backend writes a register back only if it is dirty. */
export function isWrittenIfDirty(owner: Owner): boolean {
  return owner.place.kind !== 'cache' && owner.store.some((transfer) => transfer.isIfDirty);
}

/** Where a backend writes a register back, if it is dirty. */
export function dirtyPlaces(code: TrackedCode, { owner }: Kept): RelatedPlace[] {
  return owner.store
    .filter((transfer) => transfer.isIfDirty)
    .slice(0, 1)
    .map(({ file, offset, function: name }) => ({
      file,
      span: wordAt(code.model, file, offset),
      message: `where ${name} writes it back, if dirty`,
    }));
}

/** A place in a function that marks registers. */
export interface Mark {
  /** As `CacheUse.subject`; null for all registers (`regs_dirty = ~0`). */
  readonly subject: string | null;
  readonly bit: 'available' | 'dirty';
  readonly offset: number;
  readonly guards: readonly Guard[];
}

/** The marks that a function sets itself. A writer by number marks what it writes: its own body is looked at as well. */
export function ownMarks(code: TrackedCode, fn: TrackedFunction): readonly Mark[] {
  return ownMarksIn(code)(fn);
}

const ownMarksIn = memoizeByIdentity((code: TrackedCode) =>
  memoizeByIdentity((fn: TrackedFunction): readonly Mark[] => [
    ...calledMarks(code, fn),
    ...joinedMarks(code, fn),
    ...wholeMarks(fn),
  ]),
);

function calledMarks({ model: { symbols } }: TrackedCode, fn: TrackedFunction): Mark[] {
  return fn.facts.callFacts.flatMap((call): Mark[] => {
    const { offset, guards } = call;
    const [first = '', bitmap = ''] = call.arguments;
    const byNumber = symbols.indexed.get(call.callee);
    const bit = byNumber ? MARKED[byNumber.kind] : call.callee.endsWith('set_bit') ? bitmapNamed(bitmap) : null;
    if (!bit || (byNumber && byNumber.storage !== 'cache')) return [];
    const written = byNumber ? (call.arguments[byNumber.parameter] ?? '') : first;
    return [{ subject: subjectOf(symbols, written), bit, offset, guards }];
  });
}

const MARKED: Readonly<Record<string, Mark['bit'] | undefined>> = {
  'mark-dirty': 'dirty',
  'mark-available': 'available',
  write: 'dirty',
};

/** Marks that are joined to a bitmap: `regs_dirty |= 1 << X`. */
function joinedMarks({ model: { symbols } }: TrackedCode, { facts }: TrackedFunction): Mark[] {
  return facts.bitmapChanges
    .filter(({ operator }) => operator === '|=')
    .flatMap(({ bitmap: bit, numbers, offset, guards }) =>
      numbers.map((number): Mark => ({ subject: subjectOf(symbols, number), bit, offset, guards })),
    );
}

/** Marks of all registers at once: `regs_dirty = ~0`, `bitmap_fill(regs_dirty, ...)`. */
function wholeMarks({ facts }: TrackedFunction): Mark[] {
  const assigned = facts.bitmapChanges.filter(({ operator, mask }) => operator === '=' && /^~\s*0U?L*$/.test(mask));
  const filled = facts.callFacts.filter((call) => call.callee === 'bitmap_fill');
  return [
    ...assigned.map(({ bitmap: bit, offset, guards }): Mark => ({ subject: null, bit, offset, guards })),
    ...filled.flatMap(({ offset, guards, arguments: [bitmap = ''] }): Mark[] => {
      const bit = bitmapNamed(bitmap);
      return bit ? [{ subject: null, bit, offset, guards }] : [];
    }),
  ];
}

/** The marks of a function, and those that the functions which it calls set in any case. */
export function marksOf(code: TrackedCode, fn: TrackedFunction): Mark[] {
  const called = fn.facts.callFacts.flatMap((call) => {
    const callees = call.isOperation ? [] : calledNodes(code, fn, call).flatMap((node) => code.of(node) ?? []);
    return callees.flatMap((callee) =>
      ownMarks(code, callee)
        .filter((mark) => isOnPath(mark, []))
        .map((mark): Mark => ({ ...mark, offset: call.offset, guards: call.guards })),
    );
  });
  return [...ownMarks(code, fn), ...called];
}

/** Whether code under some guards is always followed or preceded by a mark: by one that needs no more than they say. */
export function isOnPath(mark: Mark, guards: readonly Guard[]): boolean {
  // An early exit between the two is no branch of its own.
  const isExit = (guard: Guard) => guard.kind === 'exit' && !hasGuard(guards, negate(guard));
  return mark.guards.every((guard) => hasGuard(guards, guard) || isExit(guard));
}

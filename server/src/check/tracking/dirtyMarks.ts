import type { Owner } from '../../backends/owner.js';
import type { Transfer } from '../../backends/transfer.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import { cFunctionsCalledBy, type CFunction } from '../../model/query/functions.js';
import { indexedFunctionNamed } from '../../model/query/cSymbols.js';
import { wordFrom } from '../../model/query/text.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { hasGuard, negate, type Guard } from '../../syntax/conditions/guard.js';
import { relatedPlace, type RelatedPlace } from '../finding.js';
import { bitmapNamed, type Bitmap } from '../../facts/registers/registerBits.js';
import { subjectOf } from './cacheUses.js';

/** Whether a backend writes a register back only if it is dirty. */
export function isWrittenIfDirty(owner: Owner): boolean {
  return owner.place.kind !== 'cache' && owner.store.some((transfer) => transfer.isIfDirty);
}

/** Where a backend writes a register back, if it is dirty. */
export function writeBackPlaces(model: RegisterModel, { store }: Owner): RelatedPlace[] {
  return store
    .filter((transfer) => transfer.isIfDirty)
    .slice(0, 1)
    .map(writeBackPlace(model, 'dirty'));
}

/** A place that writes a register back, if its bit in one of the cache's bitmaps is set. */
export function writeBackPlace(model: RegisterModel, bit: Bitmap): (transfer: Transfer) => RelatedPlace {
  return ({ file, offset, function: name }) =>
    relatedPlace(wordFrom(model, file, offset), `where ${name} writes it back, if ${bit}`);
}

/** A place in a function that marks registers. */
export interface Mark {
  /** As `CacheUse.subject`; null for all registers (`regs_dirty = ~0`). */
  readonly subject: string | null;
  readonly bit: Bitmap;
  /** Counted from the function's start. */
  readonly offset: number;
  readonly guards: readonly Guard[];
}

/** The marks that a function sets itself. A writer by number marks what it writes: its own body is looked at as well. */
export function ownMarks(model: RegisterModel, fn: CFunction): readonly Mark[] {
  return ownMarksIn(model)(fn);
}

const ownMarksIn = memoizeByIdentity((model: RegisterModel) =>
  memoizeByIdentity((fn: CFunction): readonly Mark[] => [
    ...markingCalls(model, fn),
    ...joinedMarks(model, fn),
    ...wholeMarks(fn),
    // Which registers such a use marks, and when, is not told: it may be any, always.
    ...fn.c.opaqueBitmaps.map(({ bitmap: bit, offset }): Mark => ({ subject: null, bit, offset, guards: [] })),
  ]),
);

function markingCalls(model: RegisterModel, { c }: CFunction): Mark[] {
  return c.callFacts.flatMap((call): Mark[] => {
    const { offset, guards } = call;
    const [first = '', bitmap = ''] = call.arguments;
    const byNumber = indexedFunctionNamed(model, call.callee);
    const bit = byNumber ? MARKED[byNumber.kind] : call.callee.endsWith('set_bit') ? bitmapNamed(bitmap) : null;
    if (!bit || (byNumber && byNumber.storage !== 'cache')) return [];
    const written = byNumber ? (call.arguments[byNumber.parameter] ?? '') : first;
    return [{ subject: subjectOf(model, written), bit, offset, guards }];
  });
}

const MARKED: Readonly<Record<string, Mark['bit'] | undefined>> = {
  'mark-dirty': 'dirty',
  'mark-available': 'available',
  write: 'dirty',
};

/** Marks that are joined to a bitmap: `regs_dirty |= 1 << X`. */
function joinedMarks(model: RegisterModel, { c }: CFunction): Mark[] {
  return c.bitmapChanges
    .filter(({ operator }) => operator === '|=')
    .flatMap(({ bitmap: bit, numbers, offset, guards }) =>
      numbers.map((number): Mark => ({ subject: subjectOf(model, number), bit, offset, guards })),
    );
}

/** Marks of all registers at once: `regs_dirty = ~0`, `bitmap_fill(regs_dirty, ...)`. */
function wholeMarks({ c }: CFunction): Mark[] {
  const assigned = c.bitmapChanges.filter(({ operator, mask }) => operator === '=' && /^~\s*0U?L*$/.test(mask));
  return assigned.map(({ bitmap: bit, offset, guards }): Mark => ({ subject: null, bit, offset, guards }));
}

/** The marks of a function, and those that the functions which it calls set in any case. */
export function marksOf(model: RegisterModel, fn: CFunction): readonly Mark[] {
  return marksIn(model)(fn);
}

const marksIn = memoizeByIdentity((model: RegisterModel) =>
  memoizeByIdentity((fn: CFunction): readonly Mark[] => {
    const called = fn.c.callFacts.flatMap((call) => {
      const callees = call.isOperation ? [] : cFunctionsCalledBy(model, fn, call);
      return callees.flatMap((callee) =>
        ownMarks(model, callee)
          .filter((mark) => isOnPath(mark, []))
          .map((mark): Mark => ({ ...mark, offset: call.offset, guards: call.guards })),
      );
    });
    return [...ownMarks(model, fn), ...called];
  }),
);

/** Whether code under some guards is always followed or preceded by a mark: by one that needs no more than they say. */
export function isOnPath(mark: Mark, guards: readonly Guard[]): boolean {
  // An early exit between the two is no branch of its own.
  const isExit = (guard: Guard) =>
    (guard.kind === 'exit' || guard.kind === 'asserted') && !hasGuard(guards, negate(guard));
  return mark.guards.every((guard) => hasGuard(guards, guard) || isExit(guard));
}

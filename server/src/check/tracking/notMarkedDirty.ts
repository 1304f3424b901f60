import { fileOffset, type CallEdge } from '../../model/callGraph.js';
import type { Guard } from '../../syntax/conditions/guard.js';
import type { Span } from '../../syntax/text/sourceText.js';
import type { Finding, Rule } from '../finding.js';
import { dirtyPlaces, isOnPath, isWrittenIfDirty, marksOf, ownMarks } from './dirtyMarks.js';
import { clearedRegisters } from './fills.js';
import { type Kept, keptWith, isInArray, plainAccessors } from './keptRegisters.js';
import { spanIn, wordAt, wordIn } from './spans.js';
import { type TrackedCode, type TrackedFunction, trackedCode, isNestedCode } from './trackedCode.js';

const id = 'tracking/not-marked-dirty';

/** A write of the cache that never gets to hardware. */
export const NOT_MARKED_DIRTY: Rule = {
  id,
  family: 'tracking',
  severity: 'info',
  title: 'A register that is written back only if dirty is written without being marked dirty.',
  why: 'Before VM-entry the backend writes such a register to the VMCS only if its dirty bit is set: without the mark the guest goes on with its old value. Write it by its accessor, or mark it dirty beside the write.',
  exemptions: [
    'A mark on the same path in the function, before or after the write, in a function that it calls, or in every function that calls it.',
    "A fill: the value that is written comes from the hardware's field for the register.",
    'Code of a backend that writes the register back in any case, or keeps it in another way.',
    'A write in code that switches between L1 and L2 and marks the register available: the VMCS that is made current has the value.',
  ],
  find: (model) => {
    const code = trackedCode(model);
    const kept = keptWith(model, isWrittenIfDirty);
    return [...code.functions.flatMap((fn) => writtenBy(code, fn, kept)), ...writtenByAccessors(code, kept)];
  },
};

function writtenBy(code: TrackedCode, fn: TrackedFunction, all: readonly Kept[]): Finding[] {
  if (fn.uses.length === 0 && fn.facts.clears.length === 0) return [];
  const backend = code.backends.get(fn.file);
  const kept = all.filter(({ owner }) => backend === undefined || backend === owner.backend);
  return kept.length === 0 ? [] : writesOf(code, fn, kept).flatMap((write) => findingsOf(code, fn, write));
}

/** Accessors that a macro makes and that leave the dirty bit as it is. */
function writtenByAccessors(code: TrackedCode, all: readonly Kept[]): Finding[] {
  const found = new Map<number, Finding>();
  for (const { name, member, file, offset } of plainAccessors(code.model, 'write')) {
    const kept = all.find((one) => one.member === member);
    if (!kept) continue;
    const backend = kept.owner.backend.toUpperCase();
    found.set(offset, {
      rule: id,
      file,
      span: wordAt(code.model, file, offset),
      message: `${name} writes ${kept.register} without marking it dirty: ${backend} writes it back to ${kept.owner.place.name} only if dirty`,
      related: dirtyPlaces(code, kept),
    });
  }
  return [...found.values()];
}

interface Write {
  readonly kept: Kept;
  /** As `CacheUse.subject`. */
  readonly subject: string;
  /** Counted from the function's start. */
  readonly span: Span;
  readonly guards: readonly Guard[];
  /** A number that only run time knows names the register. */
  readonly isRuntime: boolean;
  /** One of several values that the register is made of: `pdptrs[index]`. */
  readonly isElement: boolean;
}

function writesOf(code: TrackedCode, fn: TrackedFunction, all: readonly Kept[]): Write[] {
  const text = code.model.files.get(fn.file)?.source.text ?? '';
  const direct = fn.uses
    .filter(({ reference }) => reference.kind !== 'read')
    .flatMap(({ reference, subject, isRuntime }) => {
      const kept = all.find(({ member }) => (isRuntime ? isInArray(code.model, member) : member === subject));
      const isElement = !isRuntime && text[fileOffset(fn.node, reference.end)] === '[';
      return kept ? [{ kept, subject, span: reference, guards: reference.guards, isRuntime, isElement }] : [];
    });
  const inArray = clearedRegisters(code);
  const cleared = fn.facts.clears.flatMap(({ offset, guards }) =>
    all
      .filter(({ member }) => inArray.includes(member))
      .map((kept) => {
        const { start, end } = wordIn(code.model, fn.node, offset);
        const span = { start: offset, end: offset + (end - start) };
        return { kept, subject: kept.member, span, guards, isRuntime: false, isElement: false };
      }),
  );
  return [...direct.filter((write) => !isFill(fn, write)), ...cleared];
}

/** The value comes from the hardware's own field. */
function isFill({ facts }: TrackedFunction, { subject, span, kept }: Write): boolean {
  const written = facts.moves.filter(
    ({ to, offset }) => to?.kind === 'cache' && to.register === subject && offset <= span.start,
  );
  return written.at(-1)?.from?.kind === kept.owner.place.kind;
}

function findingsOf(code: TrackedCode, fn: TrackedFunction, write: Write): Finding[] {
  if (isMarked(code, fn, write.subject, write) || isRestored(code, fn, write)) return [];
  const calls = code.model.graph.callers(fn.node).filter(({ operation }) => operation === null);
  const unmarked = calls.filter((call) => !isCallMarked(code, call, write.kept.member));
  if (calls.length > 0 && unmarked.length === 0) return [];
  // A helper for one element leaves the mark to whoever writes all of them.
  const written = spanIn(fn.node, write.span);
  if (!write.isElement) return [finding(code, { file: fn.file, span: written }, write)];
  return unmarked.map(({ caller, offset }) =>
    finding(code, { file: caller.file, span: wordIn(code.model, caller, offset) }, write, { fn, span: written }),
  );
}

function isMarked(
  code: TrackedCode,
  fn: TrackedFunction,
  subject: string,
  at: { readonly guards: readonly Guard[]; readonly offset?: number },
): boolean {
  return marksOf(code, fn).some(
    (mark) =>
      mark.bit === 'dirty' &&
      mark.offset !== at.offset &&
      (mark.subject === null || mark.subject === subject) &&
      isOnPath(mark, at.guards),
  );
}

/** Whether a caller marks, by something else than the call itself. */
function isCallMarked(code: TrackedCode, { caller, offset }: CallEdge, member: string): boolean {
  const above = code.of(caller);
  const call = above?.facts.callFacts.find((c) => c.offset === offset);
  return !!above && !!call && isMarked(code, above, member, call);
}

/** Nested code puts back what the VMCS that it switches to has. */
function isRestored(code: TrackedCode, fn: TrackedFunction, { subject, guards }: Write): boolean {
  if (!isNestedCode(code, fn)) return false;
  return ownMarks(code, fn).some(
    (mark) => mark.bit === 'available' && mark.subject === subject && isOnPath(mark, guards),
  );
}

function finding(
  code: TrackedCode,
  { file, span }: Pick<Finding, 'file' | 'span'>,
  { kept, isRuntime }: Write,
  writer?: { readonly fn: TrackedFunction; readonly span: Span },
): Finding {
  const backend = kept.owner.backend.toUpperCase();
  const by = writer ? ` by ${writer.fn.node.name}` : '';
  const what = isRuntime
    ? `Any GPR may be written here, and ${kept.register} is`
    : `${kept.register} is written${by} but`;
  return {
    rule: id,
    file,
    span,
    message: `${what} not marked dirty: ${backend} writes it back to ${kept.owner.place.name} only if dirty`,
    related: [
      ...(writer ? [{ file: writer.fn.file, span: writer.span, message: 'where it is written' }] : []),
      ...dirtyPlaces(code, kept),
    ],
  };
}

import type { CallEdge } from '../../model/callGraph.js';
import { vendorOfFile } from '../../model/query/backends.js';
import {
  callersOf,
  functionsOfKvm,
  functionText,
  isInC,
  isNestedCode,
  spanIn,
  wordIn,
  type CFunction,
} from '../../model/query/functions.js';
import { wordFrom, type FileSpan } from '../../model/query/text.js';
import type { RegisterModel } from '../../model/registerModel.js';
import type { Guard } from '../../syntax/conditions/guard.js';
import { finding, relatedPlace, type Finding, type RelatedPlace, type Rule } from '../finding.js';
import { writeMarked } from './accessorFixes.js';
import { cacheUses, isUseOf } from './cacheUses.js';
import { isOnPath, isWrittenIfDirty, marksOf, ownMarks, writeBackPlaces } from './dirtyMarks.js';
import { clearedRegisters } from './fills.js';
import { plainAccessors, registersKept, type KeptRegister } from './keptRegisters.js';

const ID = 'tracking/not-marked-dirty';

/** A write of the cache that never gets to hardware. */
export const notMarkedDirty: Rule = {
  id: ID,
  family: 'tracking',
  severity: 'warning',
  title: 'A register that is written back only if dirty is written without being marked dirty.',
  why: 'Before VM-entry the backend writes such a register to the VMCS only if its dirty bit is set: without the mark the guest goes on with its old value. Write it by its accessor, or mark it dirty beside the write.',
  exemptions: [
    'A mark on the same path in the function, before or after the write, in a function that it calls, or in every function that calls it.',
    "A fill: the value that is written comes from the hardware's field for the register.",
    'Code of a backend that writes the register back in any case, or keeps it in another way.',
    'A write in code that switches between L1 and L2 and marks the register available: the VMCS that is made current has the value.',
    "Code of another hypervisor in the tree, which KVM starts and which runs no vCPU of KVM's (pKVM): it has its own rules.",
  ],
  find: (model) => {
    const kept = registersKept(model, isWrittenIfDirty);
    return [
      ...functionsOfKvm(model).flatMap((fn) => functionFindings(model, fn, kept)),
      ...accessorFindings(model, kept),
    ];
  },
  fixes: writeMarked,
};

function functionFindings(model: RegisterModel, fn: CFunction, all: readonly KeptRegister[]): Finding[] {
  const backend = vendorOfFile(model, fn.file);
  const kept = all.filter(({ owner }) => backend === null || backend === owner.backend);
  return kept.length === 0 ? [] : writesOf(model, fn, kept).flatMap((write) => writeFindings(model, write));
}

/** Accessors that a macro makes and that leave the dirty bit as it is. */
function accessorFindings(model: RegisterModel, all: readonly KeptRegister[]): Finding[] {
  const found = new Map<number, Finding>();
  for (const { name, member, file, offset } of plainAccessors(model, 'write')) {
    const kept = all.find((one) => one.member === member);
    if (!kept) continue;
    const message = `${name} writes ${kept.register} without marking it dirty: ${writeBackText(kept)}`;
    found.set(offset, finding(ID, wordFrom(model, file, offset), message, writeBackPlaces(model, kept.owner)));
  }
  return [...found.values()];
}

interface Write {
  readonly fn: CFunction;
  readonly kept: KeptRegister;
  /** As `CacheUse.subject`. */
  readonly subject: string;
  /** Counted from the function's start. */
  readonly start: number;
  readonly span: FileSpan;
  readonly guards: readonly Guard[];
  /** A number that only run time knows names the register. */
  readonly isRuntime: boolean;
  /** One of several values that the register is made of: `pdptrs[index]`. */
  readonly isElement: boolean;
}

function writesOf(model: RegisterModel, fn: CFunction, all: readonly KeptRegister[]): Write[] {
  const direct = directWrites(model, fn, all).filter((write) => !isFill(write));
  return [...direct, ...clearingWrites(model, fn, all)];
}

function directWrites(model: RegisterModel, fn: CFunction, all: readonly KeptRegister[]): Write[] {
  const writing = cacheUses(model, fn).filter(({ reference }) => reference.kind !== 'read');
  return writing.flatMap((use) => {
    const kept = all.find(({ member }) => isUseOf(model, use, member));
    if (!kept) return [];
    const { reference, subject, isRuntime } = use;
    const isElement = !isRuntime && functionText(model, fn)[reference.end] === '[';
    const { start, guards } = reference;
    return [{ fn, kept, subject, start, span: spanIn(fn, reference), guards, isRuntime, isElement }];
  });
}

/** What a `memset` of the whole array writes. */
function clearingWrites(model: RegisterModel, fn: CFunction, all: readonly KeptRegister[]): Write[] {
  const inArray = new Set(clearedRegisters(model));
  const cleared = all.filter(({ member }) => inArray.has(member));
  return fn.c.clears.flatMap(({ offset: start, guards }) =>
    cleared.map((kept) => {
      const span = wordIn(model, fn, start);
      return { fn, kept, subject: kept.member, start, span, guards, isRuntime: false, isElement: false };
    }),
  );
}

/** The value comes from the hardware's own field. */
function isFill({ fn, subject, start, kept }: Write): boolean {
  const written = fn.c.moves.filter(
    ({ to, offset }) => to?.kind === 'cache' && to.register === subject && offset <= start,
  );
  return written.at(-1)?.from?.kind === kept.owner.place.kind;
}

function writeFindings(model: RegisterModel, write: Write): Finding[] {
  const { fn, kept, subject, span } = write;
  if (isMarked(model, fn, subject, write) || isRestored(model, write)) return [];
  const calls = callersOf(model, fn).filter(({ operation }) => operation === null);
  const unmarked = calls.filter((call) => !isCallMarked(model, call, kept.member));
  if (calls.length > 0 && unmarked.length === 0) return [];
  // A helper for one element leaves the mark to whoever writes all of them.
  if (!write.isElement) return [writeFinding(model, write, span)];
  return unmarked.map(({ caller, offset }) => writeFinding(model, write, wordIn(model, caller, offset)));
}

/** Whether a function marks a register dirty on the way of some code in it; a call at `offset`, by something else than the call. */
function isMarked(
  model: RegisterModel,
  fn: CFunction,
  subject: string,
  at: { readonly offset?: number; readonly guards: readonly Guard[] },
): boolean {
  return marksOf(model, fn).some(
    (mark) =>
      mark.bit === 'dirty' &&
      mark.offset !== at.offset &&
      (mark.subject === null || mark.subject === subject || isChosenBy(at.guards, mark.subject, subject)) &&
      isOnPath(mark, at.guards),
  );
}

/** Whether code is chosen for a register by a number: `case VCPU_REG_RIP` of `switch (reg)`, where `reg` is marked. */
function isChosenBy(guards: readonly Guard[], number: string, member: string): boolean {
  return guards.some((guard) => guard.kind === 'case' && guard.subject === number && guard.labels.includes(member));
}

/** Whether a caller marks, by something else than the call itself. */
function isCallMarked(model: RegisterModel, { caller, offset }: CallEdge, member: string): boolean {
  if (!isInC(caller)) return false;
  const call = caller.c.callFacts.find((c) => c.offset === offset);
  return call !== undefined && isMarked(model, caller, member, call);
}

/** Nested code puts back what the VMCS that it switches to has. */
function isRestored(model: RegisterModel, { fn, subject, guards }: Write): boolean {
  if (!isNestedCode(model, fn)) return false;
  return ownMarks(model, fn).some(
    (mark) => mark.bit === 'available' && mark.subject === subject && isOnPath(mark, guards),
  );
}

/** What is said of a write where it is done; for one of several values, where a caller has it done. */
function writeFinding(model: RegisterModel, write: Write, at: FileSpan): Finding {
  const { fn, kept, isRuntime, isElement, span } = write;
  const by = isElement ? ` by ${fn.name}` : '';
  const what = isRuntime
    ? `Any GPR may be written here, and ${kept.register} is`
    : `${kept.register} is written${by} but`;
  const writer: RelatedPlace[] = isElement ? [relatedPlace(span, 'where it is written')] : [];
  const message = `${what} not marked dirty: ${writeBackText(kept)}`;
  return finding(ID, at, message, [...writer, ...writeBackPlaces(model, kept.owner)]);
}

function writeBackText({ owner: { backend, place } }: KeptRegister): string {
  return `${backend.toUpperCase()} writes it back to ${place.name} only if dirty`;
}

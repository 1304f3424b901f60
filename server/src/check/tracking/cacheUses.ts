import { memoizeByIdentity } from '../../cache/memoize.js';
import type { CallFact } from '../../facts/source/calls.js';
import { functionText, type CFunction } from '../../model/query/functions.js';
import type { Reference } from '../../model/query/references.js';
import { bareName } from '../../facts/registers/registerFile.js';
import { mayBeIndex } from '../../facts/registers/runtimeIndex.js';
import { memberNamed, memberOfNumber } from '../../model/query/registers.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { isInArray } from './keptRegisters.js';

/** A use of a register's slot or field: `vcpu->arch.regs[VCPU_REGS_RSP]`, `vcpu->arch.cr3`, `vcpu->arch.regs[reg]`. */
export interface CacheUse {
  /** Offsets in it count from the function's start. */
  readonly reference: Reference;
  /** The register's member, aliases resolved; of a number that only run time knows, what is written for it. */
  readonly subject: string;
  readonly isRuntime: boolean;
}

/** What a function does to the register cache itself, in the order of the text. */
export function cacheUses(model: RegisterModel, fn: CFunction): readonly CacheUse[] {
  return cacheUsesIn(model)(fn);
}

const cacheUsesIn = memoizeByIdentity((model: RegisterModel) =>
  memoizeByIdentity((fn: CFunction): readonly CacheUse[] => {
    const uses = fn.c.references.filter(isCacheUse).sort((a, b) => a.start - b.start);
    return uses.map((reference) => {
      const { register, start, end } = reference;
      const written = register ?? functionText(model, fn).slice(start, end);
      return { reference, subject: subjectOf(model, written), isRuntime: register === null };
    });
  }),
);

/** Whether a use may be of a register's slot: by its name, or by a number that may be the register's. */
export function isUseOf(model: RegisterModel, { reference, subject, isRuntime }: CacheUse, member: string): boolean {
  if (!isRuntime) return subject === member;
  const number = memberNamed(model, member)?.index ?? null;
  const isOther = reference.index && number !== null && !mayBeIndex(reference.index, number);
  return isInArray(model, member) && !isOther;
}

function isCacheUse({ storage, callee, kind }: Reference): boolean {
  return storage === 'cache' && callee === undefined && /^(?:read|write|readwrite)$/.test(kind);
}

/** What a call makes of a number in the function that it calls: of one of its parameters, what is given for that; else the number as it is. */
export function subjectGiven(model: RegisterModel, callee: CFunction, subject: string, call: CallFact): string {
  const index = callee.c.parameters.findIndex(({ name }) => name === subject);
  const argument = index < 0 ? undefined : call.arguments[index];
  return argument === undefined ? subject : subjectOf(model, argument);
}

/** What a register's number is, as written: the member that it names, aliases resolved, else the text without casts. */
export function subjectOf(model: RegisterModel, written: string): string {
  return memberOfNumber(model, written)?.name ?? bareName(written);
}

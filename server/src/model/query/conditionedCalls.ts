import type { CallFact } from '../../facts/source/calls.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import { certainLiterals } from '../../syntax/conditions/guard.js';
import { groupByEach } from '../groupBy.js';
import type { GraphNode } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import { areaCopies } from './areaCopies.js';
import { vendorOfFile } from './backends.js';
import { calledBy, cFunctions, directCallees, functionText, spanIn, type CFunction } from './functions.js';
import type { FileSpan } from './text.js';
import { ownCopy, unlistedIn } from './unlistedRegisters.js';
import { unlistedSet } from './unlistedValues.js';

/** A call that is done only where a flag is set, or only where it is not, and the registers that no enum lists which it is about. */
export interface ConditionedCall {
  readonly fn: CFunction;
  readonly call: CallFact;
  /** As the manuals call them. */
  readonly registers: readonly string[];
  /** It is done where the flag is set. */
  readonly holds: boolean;
}

/**
 * The calls about registers that no enum lists that are done only under a test of a flag, `run_flags & KVM_RUN_LOAD_GUEST_DR6`, in the
 * order of the tree; in a vendor's file without those of another vendor's, for which the flag may mean something else.
 */
export function callsUnder(model: RegisterModel, path: string, flag: string): readonly ConditionedCall[] {
  const calls = callsByFlag(model).get(flag) ?? [];
  const vendor = vendorOfFile(model, path);
  return vendor === null ? calls : calls.filter(({ fn }) => [null, vendor].includes(vendorOfFile(model, fn.file)));
}

/** Where functions set a flag, `run_flags |= KVM_RUN_LOAD_GUEST_DR6`, the first place in each. */
export function flagSetters(model: RegisterModel, flag: string): readonly FileSpan[] {
  return cFunctions(model).flatMap((fn) => {
    if (!fn.c.words.has(flag)) return [];
    const match = Array.from(functionText(model, fn).matchAll(SET)).find(([, set]) => set === flag);
    return match ? [spanIn(fn, { start: match.index, end: match.index + match[0].length })] : [];
  });
}

/** `|= FLAG;` */
const SET = /\|=\s*(\w+)\s*;/g;

const callsByFlag = memoizeByIdentity((model: RegisterModel) => {
  const found = cFunctions(model).flatMap((fn) =>
    fn.c.callFacts.flatMap((call): (ConditionedCall & { flag: string })[] => {
      const flags = flagsTested(call);
      const registers = flags.length > 0 ? registersOfCall(model, fn, call) : [];
      return registers.length > 0 ? flags.map((one) => ({ ...one, fn, call, registers })) : [];
    }),
  );
  return groupByEach(found, ({ flag }) => [flag]);
});

/** Bits of registers themselves, which are no flags of KVM's (asm/processor-flags.h, asm/msr-index.h, asm/kvm_host.h). */
const REGISTER_BIT = /^(?:X86_(?:CR\d|EFLAGS)|EFER|DR[67])_/;

/** The flags of a variable that a call's guards decide. */
function flagsTested({ guards }: CallFact): { readonly flag: string; readonly holds: boolean }[] {
  return certainLiterals(guards).flatMap(({ atom, holds }) =>
    atom.kind === 'bits' && /^[A-Z]\w+$/.test(atom.mask) && !REGISTER_BIT.test(atom.mask)
      ? [{ flag: atom.mask, holds }]
      : [],
  );
}

/** What a call is given of KVM's copies, and what the function that it calls sets, or copies itself; else the one register that a function copies which that one calls. */
function registersOfCall(model: RegisterModel, fn: CFunction, call: CallFact): readonly string[] {
  const given = call.arguments.flatMap((text) => unlistedIn(ownCopy(text) ?? '') ?? []);
  const callees = calledBy(model, fn, call);
  const set = call.arguments.flatMap((_, at) => callees.flatMap((callee) => unlistedSet(model, callee, at) ?? []));
  const own = new Set([...given, ...set, ...callees.flatMap((callee) => registersCopied(model, callee))]);
  if (own.size > 0) return [...own];
  const further = callees.flatMap((callee) => directCallees(model, callee));
  const copied = new Set(further.flatMap((callee) => registersCopied(model, callee)));
  return copied.size === 1 ? [...copied] : [];
}

/** The registers that no enum lists which a function copies itself. */
function registersCopied(model: RegisterModel, node: GraphNode): readonly string[] {
  return areaCopies(model, node).flatMap(({ held, transfer: { from, to } }) =>
    [from, to].some((place) => place && unlistedIn(place.name) === held) ? [held] : [],
  );
}

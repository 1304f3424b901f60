import { memoizeByIdentity } from '../../cache/memoize.js';
import { withRangesWritten } from '../../facts/registers/bitRanges.js';
import type { RegisterSet } from '../../facts/registers/registerSets.js';
import { groupBy, groupByEach } from '../groupBy.js';
import type { RegisterModel } from '../registerModel.js';
import { fileOffset } from '../callGraph.js';
import { calledBy, tellingFunctions, functionsIn, type CFunction } from './functions.js';
import { memberOfNumber } from './registers.js';
import { macroNamed } from './cSymbols.js';
import { nameSpan, sourceOf, type FileSpan } from './text.js';

/** A set of registers with the file that defines it. */
export interface LocatedSet extends RegisterSet {
  readonly file: string;
}

/** The sets of registers that a tree defines. */
export const registerSets = memoizeByIdentity(({ files }: RegisterModel): readonly LocatedSet[] =>
  [...files].flatMap(([file, { facts }]) => (facts?.sets ?? []).map((set) => ({ ...set, file }))),
);

/** The set of registers that a macro names, the first where there are several; null for any other name. */
export function setNamed(model: RegisterModel, name: string): LocatedSet | null {
  return setsByName(model).get(name)?.[0] ?? null;
}

const setsByName = memoizeByIdentity((model: RegisterModel) => groupBy(registerSets(model), ({ name }) => name));

/** The sets of registers that a file defines, in the order of the text. */
export function setsIn(model: RegisterModel, path: string): readonly LocatedSet[] {
  return setsByFile(model).get(path) ?? [];
}

const setsByFile = memoizeByIdentity((model: RegisterModel) => groupBy(registerSets(model), ({ file }) => file));

/** Where a set's name stands in its definition. */
export function setSpan({ file, offset, name }: LocatedSet): FileSpan {
  return nameSpan(file, offset, name);
}

/** The first mention of a set in a function. */
export interface SetMention {
  readonly fn: CFunction;
  readonly span: FileSpan;
}

/** The functions that mention a set, each with its first mention. */
export function mentionsOf(model: RegisterModel, { name }: Pick<RegisterSet, 'name'>): readonly SetMention[] {
  return (mentioningFunctions(model).get(name) ?? []).map((fn) => ({
    fn,
    span: nameSpan(fn.file, fileOffset(fn, fn.c.words.get(name) ?? 0), name),
  }));
}

/** A set with a mention of it. */
interface MentionedSet extends SetMention {
  readonly set: LocatedSet;
}

/** The mentions of sets in the functions of a file, function by function. */
export function mentionsIn(model: RegisterModel, path: string): readonly MentionedSet[] {
  return functionsIn(model, path).flatMap((fn) =>
    [...setsByName(model)].flatMap(([name, [set]]) => {
      const offset = fn.c.words.get(name);
      return set && offset !== undefined ? [{ set, fn, span: nameSpan(path, fileOffset(fn, offset), name) }] : [];
    }),
  );
}

const mentioningFunctions = memoizeByIdentity((model: RegisterModel) => {
  const names = [...setsByName(model).keys()];
  return groupByEach(tellingFunctions(model), ({ c }) => names.filter((name) => c.words.has(name)));
});

/** A place where many avail bits are cleared at once: after VM-exit, or when another VMCS is made current. */
export interface SetUse {
  readonly fn: CFunction;
  /** The mask, or the set's name in it. */
  readonly span: FileSpan;
  /** null for a mask that is written out: `~((1 << VCPU_REGS_RIP) | ...)`. */
  readonly set: LocatedSet | null;
  /** null for a mask whose registers are not known, such as a macro that the tree does not define. */
  readonly members: readonly string[] | null;
  /** The function that it is handed to, which clears what it is given; null where bits are cleared right here. */
  readonly by: MaskParameter | null;
  /** What is written is the complement of a set: `~SET`. */
  readonly isComplement: boolean;
  /** Which registers are unavailable from here on: the mask's members, or all others. */
  readonly cleared: 'members' | 'others';
}

/** A function that clears avail bits by a mask that it is given. */
interface MaskParameter {
  readonly fn: CFunction;
  /** Offset in the function of the mask where it is used. */
  readonly offset: number;
  /** Which parameter it is. */
  readonly parameter: number;
  /** Its bits are those that stay available. */
  readonly stays: boolean;
}

/** All places of a tree where avail bits are cleared by a mask that names registers. */
export const setUses = memoizeByIdentity((model: RegisterModel): readonly SetUse[] => {
  const uses: SetUse[] = [];
  const parameters: MaskParameter[] = [];
  for (const fn of tellingFunctions(model)) {
    for (const { bitmap, operator, mask, offset } of fn.c.bitmapChanges) {
      // `=` and `&=` leave what is in the mask; `|=` clears nothing.
      if (bitmap !== 'available' || operator === '|=') continue;
      const { name, isNegated } = namedMask(mask);
      const parameter = fn.c.parameters.findIndex((p) => p.name === name);
      if (parameter >= 0) parameters.push({ fn, offset, parameter, stays: !isNegated });
      else uses.push(...usesOfMask(model, fn, { mask, offset, stays: true, by: null }));
    }
  }
  for (const fn of tellingFunctions(model)) {
    for (const call of fn.c.callFacts) {
      const clearing = parameters.find(({ fn: callee }) => callee.name === call.callee);
      if (!clearing || !calledBy(model, fn, call).includes(clearing.fn)) continue;
      const mask = withRangesWritten(model.symbols, call.arguments[clearing.parameter] ?? '');
      uses.push(...usesOfMask(model, fn, { mask, offset: call.offset, stays: clearing.stays, by: clearing }));
    }
  }
  return uses;
});

interface Mask {
  readonly mask: string;
  readonly offset: number;
  /** The mask's bits are those that stay. */
  readonly stays: boolean;
  readonly by: MaskParameter | null;
}

function usesOfMask(model: RegisterModel, fn: CFunction, { mask, offset, stays, by }: Mask): SetUse[] {
  const { name, isNegated } = namedMask(mask);
  if (/^\d\w*$/.test(name)) return [];
  const parts = name.split('|').map((part) => part.trim());
  const set = parts.flatMap((part) => setNamed(model, part) ?? [])[0] ?? null;
  const members = allMembers(parts.map((part) => setNamed(model, part)?.members ?? writtenMembers(model, part)));
  if (members?.length === 0) return [];
  const isStaying = (stays !== isNegated) !== (set?.isComplement ?? false);
  const text = sourceOf(model, fn.file)?.text ?? '';
  const at = fileOffset(fn, offset);
  const start = set ? text.indexOf(set.name, at) : at;
  const end = set ? start + set.name.length : start + 1;
  const cleared = isStaying ? 'others' : 'members';
  return [{ fn, span: { file: fn.file, start, end }, set, members, by, isComplement: isNegated, cleared }];
}

/** A mask without its brackets: `SET` and true of `~(SET)`. */
function namedMask(mask: string): { readonly name: string; readonly isNegated: boolean } {
  const before = /^[~(\s]*/.exec(mask)?.[0] ?? '';
  const name = /^.*[^)\s]/s.exec(mask.slice(before.length))?.[0] ?? '';
  return { name, isNegated: before.replace(/[^~]/g, '').length % 2 === 1 };
}

/** The registers of a part that is written out, `(1 << VCPU_REGS_RIP)` or `BIT(VCPU_REGS_RSP)`; null where they are not known. */
function writtenMembers(model: RegisterModel, part: string): readonly string[] | null {
  const [, name] = /(?:<<|\bBIT(?:_ULL)?\s*\()[\s(]*(\w+)/.exec(part) ?? [];
  const member = name === undefined ? null : memberOfNumber(model, name);
  if (member) return [member.name];
  return macroNamed(model, part) || /^[\d()\s]+[UL]*$/.test(part) ? [] : null;
}

/** The members of several parts together; null if those of one are not known. */
function allMembers(parts: readonly (readonly string[] | null)[]): string[] | null {
  return parts.includes(null) ? null : parts.flatMap((part) => part ?? []);
}

/** Whether a set names what stays available after VM-exit, as opposed to what is made unavailable. */
export function namesStaying(model: RegisterModel, { name, isComplement }: RegisterSet): boolean {
  const uses = setUses(model).filter(({ set }) => set?.name === name);
  return uses.length > 0 ? uses.some(({ cleared }) => cleared === 'others') : isComplement;
}

/** The sets that make the cache forget a register after VM-exit. */
export function setsForgetting(model: RegisterModel, member: string): readonly LocatedSet[] {
  return registerSets(model).filter(
    (set) => set.members.includes(member) && mentionsOf(model, set).length > 0 && !namesStaying(model, set),
  );
}

import { fileOffset } from '../../model/callGraph.js';
import type { RegisterSet } from '../../facts/registers/registerSets.js';
import type { Span } from '../../syntax/text/sourceText.js';
import type { RelatedPlace } from '../finding.js';
import { syncOf } from './keptRegisters.js';
import { type TrackedCode, type TrackedFunction, subjectOf, calledNodes } from './trackedCode.js';
import { memoizeByIdentity } from '../../cache/memoize.js';

/** A place where many avail bits are cleared at once: after VM-exit, or when another VMCS is made current. */
export interface SetUse {
  readonly fn: TrackedFunction;
  /** The mask, or the set's name in it. */
  readonly span: Span;
  /** null for a mask that is written out: `~((1 << VCPU_REGS_RIP) | ...)`. */
  readonly set: LocatedSet | null;
  /** null for a mask that is not told, such as a macro that the tree does not define. */
  readonly members: readonly string[] | null;
  /** The function that it is handed to, which clears what it is given; null where bits are cleared right here. */
  readonly by: MaskParameter | null;
  /** Which registers are unavailable from here on: the mask's members, or all others. */
  readonly cleared: 'members' | 'others';
}

/** A set with the file that defines it. */
export interface LocatedSet extends RegisterSet {
  readonly file: string;
}

/** All places of a tree where avail bits are cleared by a mask that names registers. */
export const setUses = memoizeByIdentity(readUses);

/** The sets that a tree defines, by their names. */
export function registerSets(code: TrackedCode): ReadonlyMap<string, LocatedSet> {
  return new Map(
    [...code.model.files].flatMap(([file, { facts }]) =>
      (facts?.sets ?? []).map((set) => [set.name, { ...set, file }] as const),
    ),
  );
}

/** A function that clears avail bits by a mask that it is given. */
interface MaskParameter {
  readonly fn: TrackedFunction;
  /** Offset in the function of the mask where it is used. */
  readonly offset: number;
  /** Which parameter it is. */
  readonly parameter: number;
  /** Its bits are those that stay available. */
  readonly stays: boolean;
}

function readUses(code: TrackedCode): readonly SetUse[] {
  const sets = registerSets(code);
  const uses: SetUse[] = [];
  const parameters: MaskParameter[] = [];
  for (const fn of code.functions) {
    for (const { bitmap, operator, mask, offset } of fn.facts.bitmapChanges) {
      // `=` and `&=` leave what is in the mask; `|=` clears nothing.
      if (bitmap !== 'available' || operator === '|=') continue;
      const { name, isNegated } = namedMask(mask);
      const parameter = fn.facts.parameters.findIndex((p) => p.name === name);
      if (parameter >= 0) parameters.push({ fn, offset, parameter, stays: !isNegated });
      else uses.push(...useOf(code, sets, fn, { mask, offset, stays: true, by: null }));
    }
  }
  for (const fn of code.functions) {
    for (const call of fn.facts.callFacts) {
      const clearing = parameters.find(({ fn: callee }) => callee.node.name === call.callee);
      if (!clearing || !calledNodes(code, fn, call).includes(clearing.fn.node)) continue;
      const mask = call.arguments[clearing.parameter] ?? '';
      uses.push(...useOf(code, sets, fn, { mask, offset: call.offset, stays: clearing.stays, by: clearing }));
    }
  }
  return uses;
}

interface Mask {
  readonly mask: string;
  readonly offset: number;
  /** The mask's bits are those that stay. */
  readonly stays: boolean;
  readonly by: MaskParameter | null;
}

function useOf(
  code: TrackedCode,
  sets: ReadonlyMap<string, LocatedSet>,
  fn: TrackedFunction,
  { mask, offset, stays, by }: Mask,
): SetUse[] {
  const { name, isNegated } = namedMask(mask);
  if (/^\d\w*$/.test(name)) return [];
  const parts = name.split('|').map((part) => part.trim());
  const set = parts.flatMap((part) => sets.get(part) ?? [])[0] ?? null;
  const members = joined(parts.map((part) => sets.get(part)?.members ?? writtenMembers(code, part)));
  if (members?.length === 0) return [];
  const namesStaying = (stays !== isNegated) !== (set?.isComplement ?? false);
  const text = code.model.files.get(fn.file)?.source.text ?? '';
  const at = fileOffset(fn.node, offset);
  const start = set ? text.indexOf(set.name, at) : at;
  const end = set ? start + set.name.length : start + 1;
  return [{ fn, span: { start, end }, set, members, by, cleared: namesStaying ? 'others' : 'members' }];
}

/** A mask without its brackets: `SET` and true of `~(SET)`. */
function namedMask(mask: string): { readonly name: string; readonly isNegated: boolean } {
  const [, tildes = '', name = ''] = /^([~(\s]*)(.*?)[)\s]*$/.exec(mask) ?? [];
  return { name, isNegated: tildes.replace(/[^~]/g, '').length % 2 === 1 };
}

/** The registers of a part that is written out, `(1 << VCPU_REGS_RIP)` or `BIT(VCPU_REGS_RSP)`; null for what is not told. */
function writtenMembers({ model: { symbols } }: TrackedCode, part: string): readonly string[] | null {
  const [, name] = /(?:<<|\bBIT(?:_ULL)?\s*\()[\s(]*(\w+)/.exec(part) ?? [];
  const subject = name === undefined ? '' : subjectOf(symbols, name);
  if (symbols.registers.byName.has(subject)) return [subject];
  return symbols.macros.has(part) || /^[\d()\s]+[UL]*$/.test(part) ? [] : null;
}

/** All members of several parts; null if one is not told. */
function joined(parts: readonly (readonly string[] | null)[]): string[] | null {
  return parts.includes(null) ? null : parts.flatMap((part) => part ?? []);
}

/** What makes a register lazy for a backend: the set that it is in, and where the set is cleared. */
export function lazinessPlaces(code: TrackedCode, member: string, backend: string): RelatedPlace[] {
  const uses = setUses(code).filter(
    ({ cleared, members, fn }) =>
      cleared === 'members' && members?.includes(member) && code.backends.get(fn.file) === backend,
  );
  const use = uses.find(({ fn }) => code.model.phases.entryPath.has(fn.node)) ?? uses[0];
  if (!use) return [];
  const { set, fn, span } = use;
  const defined = set && { start: set.offset, end: set.offset + set.name.length };
  return [
    ...(set && defined ? [{ file: set.file, span: defined, message: 'the set that makes it lazy' }] : []),
    { file: fn.file, span, message: `where ${fn.facts.name} makes it unavailable` },
  ];
}

/** How registers are kept whose value is in the cache at once after VM-exit, or never: what a set of those that stay names. */
const STAYING: ReadonlySet<string | undefined> = new Set(['switched', 'eager', 'partial', 'protected']);

/** Whether a set is cleared the wrong way round: one that names mostly lazy registers is kept, or one of those that stay cleared. */
export function isInverted({ model, backends }: TrackedCode, { members, cleared, fn }: SetUse): boolean {
  if (!members) return false;
  const isWrong = (member: string) => {
    const sync = syncOf(model, member, backends.get(fn.file));
    return cleared === 'others' ? sync === 'lazy' : STAYING.has(sync);
  };
  return members.filter(isWrong).length * 2 > members.length;
}

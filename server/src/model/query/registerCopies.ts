import { memoizeByIdentity } from '../../cache/memoize.js';
import { CACHE_MEMBER } from '../../facts/symbols/cacheNames.js';
import type { GraphNode } from '../callGraph.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { cFunctions, functionText, isInC, type CFunction } from './functions.js';
import { registerOf } from './registers.js';
import { sourceOf } from './text.js';

/** A member of a backend's own struct in which KVM keeps what it has read of a register: `segment_cache`, `rflags` of `struct vcpu_vmx`. */
export interface RegisterCopy {
  readonly name: string;
  readonly register: Register;
  /** The functions that fill it from hardware, in the order of the tree. */
  readonly filledBy: readonly GraphNode[];
}

/** The copy that a member is, by its name. */
const copiesByName = memoizeByIdentity((model: RegisterModel): ReadonlyMap<string, RegisterCopy> => {
  const found = new Map<string, RegisterCopy>();
  for (const register of model.registers) {
    for (const { from, to, function: name, file } of register.transfers) {
      const member = from && from.kind !== 'cache' && to?.kind === 'cache' ? memberOf(to.name) : null;
      const node = member === null ? null : model.graph.find(name, file);
      const known = member === null ? undefined : found.get(member);
      if (member === null || !node || (known && known.register !== register)) continue;
      const filledBy = [...new Set([...(known?.filledBy ?? []), node])];
      found.set(member, { name: member, register, filledBy });
    }
  }
  return found;
});

/** The member of a backend's struct that a copy is: of one with a part for each segment, the whole, `vmx->segment_cache.seg[seg].base`; null for the register cache. */
function memberOf(copy: string): string | null {
  const members = copy.replace(/^\w+->/, '').split('.');
  if (members[0] === copy || members[0] === CACHE_MEMBER) return null;
  const last = copy.includes('[') ? members[0] : members.at(-1);
  return last !== undefined && /^\w+$/.test(last) ? last : null;
}

/** `->segment_cache.bitmask = 0;` */
const CLEARED = /->(\w+)\.(\w+)\s*=\s*0\s*;/g;

/** The first member of a copy that a text sets to 0. */
function clearedMember(text: string, copy: string): string | undefined {
  for (const [, name, member] of text.matchAll(CLEARED)) if (name === copy) return member;
  return undefined;
}

/**
 * Whether a function empties a copy: it sets a member of it to 0 that hardware's value is not read to, so that what it holds is
 * not valid any more.
 */
function empties(model: RegisterModel, fn: CFunction, { name, register, filledBy }: RegisterCopy): boolean {
  const cleared = fn.c.words.has(name) ? clearedMember(functionText(model, fn), name) : undefined;
  if (cleared === undefined || filledBy.some((node) => isInC(node) && node.c.words.has(cleared))) return false;
  // Where a function marks the register available, it begins to fill what it empties.
  return !fn.c.references.some(
    ({ kind, register: of }) => kind === 'mark-available' && registerOf(model, of) === register,
  );
}

/** The functions that empty a copy, in the order of the tree. */
export function emptying(model: RegisterModel, copy: RegisterCopy): readonly GraphNode[] {
  return cFunctions(model).filter((fn) => empties(model, fn, copy));
}

/** The copy that a word of a file is as a member: `vmx->segment_cache`; null for any other word. */
export function registerCopyAt(model: RegisterModel, path: string, offset: number, name: string): RegisterCopy | null {
  const before = sourceOf(model, path)?.text.slice(Math.max(0, offset - 2), offset) ?? '';
  return /(?:->|\.)$/.test(before) ? (copiesByName(model).get(name) ?? null) : null;
}

/** The copies that a function empties. */
export function copiesEmptiedBy(model: RegisterModel, node: GraphNode): readonly RegisterCopy[] {
  return isInC(node) ? [...copiesByName(model).values()].filter((copy) => empties(model, node, copy)) : [];
}

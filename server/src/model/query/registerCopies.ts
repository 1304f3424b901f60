import { placeTables } from '../../backends/registry.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import { CACHE_MEMBER } from '../../facts/symbols/cacheNames.js';
import type { GraphNode } from '../callGraph.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { vendorOfFile } from './backends.js';
import { registerReturned } from './returnedRegisters.js';
import {
  cFunctions,
  directCallees,
  functionAt,
  functionNamed,
  functionText,
  isInC,
  type CFunction,
} from './functions.js';
import { referencesOfFunction } from './references.js';
import { registerNamed, registerOf } from './registers.js';
import { sourceOf } from './text.js';
import { registerOfVariable, variableOf } from './variables.js';

/** A member of a backend's own struct in which KVM keeps what it has read of a register: `segment_cache`, `rflags` of `struct vcpu_vmx`. */
export interface RegisterCopy {
  readonly name: string;
  readonly register: Register;
  /** What it holds is the register's value while the register is available; else it is kept for another purpose. */
  readonly isTracked: boolean;
  /** The functions that fill it, in the order of the tree. */
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
      found.set(member, { name: member, register, isTracked: isMarkedBy(model, filledBy, register), filledBy });
    }
  }
  return found;
});

/** Whether one of some functions, or what it calls, marks a register available or tests that it is, so that what it fills is known to be valid. */
function isMarkedBy(model: RegisterModel, nodes: readonly GraphNode[], register: Register): boolean {
  return nodes
    .flatMap((node) => [node, ...directCallees(model, node)])
    .some((node) =>
      referencesOfFunction(model, node).some(
        ({ kind, register: of }) => /^(?:mark|test)-available$/.test(kind) && registerOf(model, of) === register,
      ),
    );
}

/** The member of a backend's struct that a copy is: of one with a part for each segment, the whole, `vmx->segment_cache.seg[seg].base`, `to_vmx(vcpu)->rflags`; null for the register cache. */
function memberOf(copy: string): string | null {
  const members = copy.replace(/^\w+(?:\(\w+\))?->/, '').split('.');
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
  const before = sourceOf(model, path)?.text.slice(Math.max(0, offset - LONGEST_WAY), offset) ?? '';
  if (!/(?:->|\.)$/.test(before)) return null;
  const copy = copiesByName(model).get(name) ?? keptAside(model, name);
  const holder = /(?:->|\.)(\w+)(?:->|\.)$/.exec(before)?.[1];
  // A member of the same name of a save area is that area's: `svm->vmcb->save.rflags`.
  if (!copy || (holder !== undefined && isArea(model, holder)) || isOfPlace(model, path, offset, before)) return null;
  return isOfOtherVendor(model, path, copy) ? null : copy;
}

/** Whether the variable before a member is declared in its function to point to a struct that is a place itself: `vmcs12->exit_qualification`. */
function isOfPlace(model: RegisterModel, path: string, offset: number, before: string): boolean {
  const variable = /(?<![\w.>])(\w+)(?:->|\.)$/.exec(before)?.[1];
  const fn = variable === undefined ? null : functionAt(model, path, offset);
  const declared = fn ? Array.from(functionText(model, fn).matchAll(DECLARED)) : [];
  const tag = declared.find(([, , name]) => name === variable)?.[1];
  return tag !== undefined && placeTables(model.symbols.backends).structs.has(tag);
}

/** `struct vmcs12 *vmcs12 = ...`, as a local variable or a parameter. */
const DECLARED = /\bstruct\s+(\w+)\s*\*\s*(?:const\s+)?(\w+)\s*[=;,)]/g;

/** Whether a file is of another vendor's module than all functions that fill a copy: a member of that name is its own there. */
function isOfOtherVendor(model: RegisterModel, path: string, { filledBy }: RegisterCopy): boolean {
  const vendor = vendorOfFile(model, path);
  return vendor !== null && filledBy.every(({ file }) => ![vendor, null].includes(vendorOfFile(model, file)));
}

/** Characters before a member in which its holder stands. */
const LONGEST_WAY = 40;

function isArea({ symbols }: RegisterModel, member: string): boolean {
  return placeTables(symbols.backends).members.has(member);
}

/** A member whose name says that it keeps a register's value, as `save_rflags` and `nmi_iret_rip` do, and that some function gives that register's value. */
function keptAside(model: RegisterModel, name: string): RegisterCopy | null {
  const register = registerNamed(model, /_([a-z0-9]+)$/.exec(name)?.[1] ?? '');
  // Where the guest goes on is its value only once KVM has moved it there.
  if (!register || /(?:^|_)next_/.test(name)) return null;
  const filledBy = cFunctions(model).filter(
    (fn) => fn.c.words.has(name) && isGiven(model, fn, functionText(model, fn), { name, register }),
  );
  return filledBy.length > 0 ? { name, register, isTracked: false, filledBy } : null;
}

/** Whether a function gives a member a variable with a register's value, or what a function returns that reads the register. */
function isGiven(
  model: RegisterModel,
  fn: CFunction,
  text: string,
  { name, register }: { readonly name: string; readonly register: Register },
): boolean {
  const given = givenVariable(text, name);
  const variable = given === undefined ? null : variableOf(model, fn, given);
  if (variable && registerOfVariable(model, variable) === register) return true;
  return Array.from(text.matchAll(/(?:->|\.)(\w+)\s*=\s*(\w+)\(\w+\)\s*;/g)).some(([, member, callee = '']) => {
    const node = member === name ? functionNamed(model, callee, fn.file) : null;
    return node !== null && registerReturned(model, node) === register;
  });
}

/** The variable that a text first sets a member to, `vmx->save_rflags = rflags;`. */
function givenVariable(text: string, member: string): string | undefined {
  for (const [, name, variable] of text.matchAll(/(?:->|\.)(\w+)\s*=\s*(\w+)\s*;/g))
    if (name === member) return variable;
  return undefined;
}

/** The copies that a function empties. */
export function copiesEmptiedBy(model: RegisterModel, node: GraphNode): readonly RegisterCopy[] {
  return isInC(node) ? [...copiesByName(model).values()].filter((copy) => empties(model, node, copy)) : [];
}

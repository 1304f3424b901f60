import { memoizeByIdentity } from '../../cache/memoize.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { fileOffset } from '../callGraph.js';
import { argumentTexts } from './callText.js';
import { wrapperNamed } from './cSymbols.js';
import { functionAt, functionText, type CFunction } from './functions.js';
import { registerOf } from './registers.js';
import { registerReturned } from './returnedRegisters.js';
import { isMemberAt, sourceOf } from './text.js';

/** What a function does with a local array. `filled`: a call reads guest memory to it; `copied`: all of it, to a member; `compared`: with one; `read`, `written`: a function gives or gets an element. */
export interface ArrayUse {
  readonly way: 'filled' | 'copied' | 'compared' | 'read' | 'written';
  /** The member, as code names it, or the function. */
  readonly other: string;
  /** In the file. */
  readonly offset: number;
}

/** A local array with values of a register that has several: the PDPTRs. */
export interface LocalArray {
  readonly register: Register;
  readonly uses: readonly [ArrayUse, ...ArrayUse[]];
}

/** What a word is as such an array; null for any other word. */
export function localArrayAt(model: RegisterModel, path: string, offset: number, name: string): LocalArray | null {
  const fn = functionAt(model, path, offset);
  if (!fn || isMemberAt(sourceOf(model, path)?.text ?? '', offset)) return null;
  return arraysIn(model)(fn).get(name) ?? null;
}

const arraysIn = memoizeByIdentity((model: RegisterModel) =>
  memoizeByIdentity((fn: CFunction): ReadonlyMap<string, LocalArray> => {
    const text = functionText(model, fn);
    const names = Array.from(text.matchAll(DECLARED)).map(([, name = '']) => name);
    return new Map(names.flatMap((name) => arrayNamed(model, fn, text, name)));
  }),
);

/** `u64 pdpte[4];`, `u64 pdptrs[4], mask;`, in a function's body. */
const DECLARED = /\bu64 (\w+)\[[^\];]*\]\s*[;,]/g;

function arrayNamed(
  model: RegisterModel,
  fn: CFunction,
  text: string,
  name: string,
): (readonly [string, LocalArray])[] {
  const found = Array.from(text.matchAll(/\b[a-z]\w*(?=\()/g)).flatMap(({ 0: callee, index }) => {
    const given = argumentTexts(text, index);
    const use =
      useBy(model, callee, given, name) ??
      (isElementSet(text.slice(0, index), name) ? readBy(model, fn, callee, index) : null);
    return use ? [{ ...use, offset: fileOffset(fn, index) }] : [];
  });
  const [register, another] = new Set(found.flatMap((use) => use.register ?? []));
  const [first, ...more] = found.map(({ way, other, offset }): ArrayUse => ({ way, other, offset }));
  return register && !another && first ? [[name, { register, uses: [first, ...more] }]] : [];
}

type FoundUse = Omit<ArrayUse, 'offset'> & { readonly register: Register | null };

/** What a call does with an array that is among its arguments. */
function useBy(model: RegisterModel, callee: string, given: readonly string[], name: string): FoundUse | null {
  const at = given.indexOf(name);
  if (at >= 0 && READERS.test(callee)) return { way: 'filled', other: callee, register: null };
  if (at >= 0) return wholeUse(model, callee, given, at);
  const isElement = given.some((one) => one.startsWith(`${name}[`) && one.endsWith(']'));
  const register = isElement ? registerBehind(model, callee, 'write') : null;
  return register ? { way: 'written', other: callee, register } : null;
}

/** What is done with all of an array by a function that takes two areas of memory; `at`: which of its arguments the array is. */
function wholeUse(model: RegisterModel, callee: string, given: readonly string[], at: number): FoundUse | null {
  const way = WHOLE.get(callee);
  if (way === undefined || at > 1 || (way === 'copied' && at === 0)) return null;
  const member = given[1 - at] ?? '';
  const register = registerIn(model, member);
  return register && { way, other: member, register };
}

/** The one register that a function built on the cache's members reads or writes. */
function registerBehind(model: RegisterModel, name: string, kind: 'read' | 'write'): Register | null {
  const [use, another] = wrapperNamed(model, name)?.uses ?? [];
  return use?.kind === kind && !another ? registerOf(model, use.member) : null;
}

/** Whether what stands behind a text is assigned to an element of an array: `pdptrs[i] = mmu->`. */
function isElementSet(before: string, name: string): boolean {
  return /(?<![\w.>])(\w+)\[\w+\]\s*=\s*(?:\w+->)?$/.exec(before.slice(-LONGEST_TARGET))?.[1] === name;
}

/** A function whose result an element gets, by its name or by that of a callback that may be one: `kvm_pdptr_read`, `get_pdptr`. */
function readBy(model: RegisterModel, fn: CFunction, callee: string, at: number): FoundUse | null {
  const called = model.graph.callees(fn).flatMap((call) => (call.offset === at ? [call.callee] : []));
  const [register, another] = new Set(
    called.flatMap((one) => registerReturned(model, one) ?? registerBehind(model, one.name, 'read') ?? []),
  );
  return register && !another ? { way: 'read', other: callee, register } : null;
}

/** Characters of an element that a call's result is assigned to. */
const LONGEST_TARGET = 80;

/** Functions that fill memory from the guest's (linux/kvm_host.h, x86.c). */
const READERS = /^kvm_(?:vcpu_)?read_(?:nested_)?guest(?:_page(?:_mmu)?|_cached|_virt)?$/;

/** Functions that take two areas of memory (linux/string.h). */
const WHOLE: ReadonlyMap<string, 'copied' | 'compared'> = new Map([
  ['memcpy', 'copied'],
  ['memcmp', 'compared'],
]);

/** The register whose copy of KVM's own a member is by its last word, `pdptrs` of `mmu->pdptrs`. */
function registerIn({ registers }: RegisterModel, member: string): Register | null {
  const word = member.split(/\W+/).at(-1) ?? '';
  return registers.find(({ storage }) => word !== '' && storage?.split(/\W+/).at(-1) === word) ?? null;
}

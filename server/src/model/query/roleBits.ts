import { memoizeByIdentity } from '../../cache/memoize.js';
import type { RegisterModel } from '../registerModel.js';
import { functionAt } from './functions.js';
import { isMemberAt, sourceOf } from './text.js';
import { heldByVariable, variableOf } from './variables.js';
import { referencesAt } from './references.js';
import { registerOf } from './registers.js';
import { ownCopy, unlistedIn } from './unlistedRegisters.js';

/**
 * A word that is called after a control register, or EFER, and holds no more than what KVM once read of it, as the MMU's roles do
 * (asm/kvm_host.h, mmu/mmu.c). `bit`: a member for one of its bits, `cr4_smep`; `test`: a function called after one, `is_cr4_smep()`;
 * `copy`: a member of a struct on the stack that is initialised with the register's value.
 */
export type RoleBit =
  | { readonly kind: 'bit' | 'test'; readonly register: string; readonly bit: string; readonly constant: string }
  | { readonly kind: 'copy'; readonly register: string; readonly value: string };

/** What a word of a file is of that; null for any other. */
export function roleBitAt(model: RegisterModel, path: string, offset: number, name: string): RoleBit | null {
  const text = sourceOf(model, path)?.text ?? '';
  const before = text.slice(Math.max(0, offset - 2), offset);
  const after = text.slice(offset + name.length, offset + name.length + LONGEST_VALUE);
  const [, asks = '', register = '', bit = ''] = NAMED.exec(name) ?? [];
  const constant = `${register === 'efer' ? '' : 'X86_'}${register}_${bit}`.toUpperCase();
  if (!bitNames(model).has(constant)) return copyAt(model, path, offset, { name, before, after });
  const base = { register: register.toUpperCase(), bit: bit.toUpperCase(), constant };
  if (asks !== '') return /^\s*\(/.test(after) ? { kind: 'test', ...base } : null;
  return isMemberAt(text, offset) || /^\s*:\s*1\s*;/.test(after) ? { kind: 'bit', ...base } : null;
}

/** `cr4_smep`, `is_cr4_smep`, `____is_efer_lma` */
const NAMED = /^(_*is_)?(cr[034]|efer)_([a-z]\w*)$/;

/** Characters of an initialiser. */
const LONGEST_VALUE = 120;

/** `.cr4 = kvm_read_cr4_bits(vcpu, MASK),`, `.efer = vcpu->arch.efer,` */
function copyAt(
  model: RegisterModel,
  path: string,
  offset: number,
  { name, before, after }: { readonly name: string; readonly before: string; readonly after: string },
): RoleBit | null {
  if (!/\s\.$/.test(before) || !/^(?:cr[034]|efer)$/.test(name)) return null;
  const [, sign = '', written = ''] = /^( = )([^;{}\n]+)\n/.exec(after) ?? [];
  const value = written.replace(/,$/, '');
  const register = valueRegister(model, path, offset + name.length + sign.length, value);
  return register === name.toUpperCase() ? { kind: 'copy', register, value } : null;
}

/** The register that a value at an offset of a file is of: an accessor's call, KVM's own copy, or a variable. */
function valueRegister(model: RegisterModel, path: string, offset: number, value: string): string | null {
  const copy = ownCopy(value);
  if (copy !== null) return unlistedIn(copy);
  if (!/^\w+$/.test(value)) return registerReadAt(model, path, offset);
  const fn = functionAt(model, path, offset);
  const variable = fn && variableOf(model, fn, value);
  return variable && heldByVariable(model, variable);
}

/** The register that a call whose name begins at an offset of a file reads of the register cache. */
function registerReadAt(model: RegisterModel, path: string, offset: number): string | null {
  const read = referencesAt(model, path, offset).find(({ kind }) => kind === 'read');
  return registerOf(model, read?.register ?? null)?.register ?? null;
}

/** The constants of bits of control registers, and of EFER, that the tree's code has. */
const bitNames = memoizeByIdentity(
  ({ files }: RegisterModel): ReadonlySet<string> =>
    new Set([...files.values()].flatMap(({ source }) => source.text.match(/\b(?:X86_CR[034]|EFER)_[A-Z]\w*/g) ?? [])),
);

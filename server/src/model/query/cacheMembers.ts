import {
  AVAILABLE_BITMAP,
  CACHE_ARRAY,
  CACHE_MEMBER,
  CACHE_STRUCT,
  DIRTY_BITMAP,
  EMULATOR_ARRAY,
  EMULATOR_STRUCT,
} from '../../facts/symbols/cacheNames.js';
import type { Span } from '../../syntax/text/sourceText.js';
import { fileOffset } from '../callGraph.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { cFunctions, functionText } from './functions.js';
import { membersOfStruct } from './cSymbols.js';
import { structAt } from './structDefinitions.js';
import { unlistedIn } from './unlistedRegisters.js';
import { sourceOf, type FileSpan } from './text.js';

/**
 * A member of the cache's struct, or of the emulator's context. `array`: the slots of the GPRs; `register`: the copy of one;
 * `emulator-ahead`: whether the emulator's copy has newer values than the cache; `emulator-behind`: whether the cache has; `available`,
 * `dirty`: the bitmaps; `owned-bits`: which bits of CR0 or CR4 a guest changes without an exit; `protected`: whether the
 * registers are encrypted.
 */
export type CacheMember = { readonly name: string; readonly struct: string } & (
  | {
      readonly role:
        | 'array'
        | 'available'
        | 'dirty'
        | 'protected'
        | 'emulator-array'
        | 'emulator-bitmap'
        | 'emulator-ip'
        | 'emulator-flags'
        | 'emulator-behind'
        | 'emulator-ahead'
        | 'emulator-slots';
    }
  | { readonly role: 'owned-bits' | 'unlisted'; readonly register: string }
  | { readonly role: 'debugger'; readonly words: string }
  | { readonly role: 'register'; readonly register: Register }
);

/** The member of the cache's struct, or of the emulator's context, that a word of a file is: where it is declared, or where code names it. */
export function cacheMemberAt(model: RegisterModel, path: string, word: Span): CacheMember | null {
  const source = sourceOf(model, path);
  if (!source) return null;
  const name = source.text.slice(word.start, word.end);
  if (name === EMULATOR_SLOTS) return { name, struct: EMULATOR_STRUCT, role: 'emulator-slots' };
  const struct = structAt(source, word.start);
  const before = source.text.slice(Math.max(0, word.start - CONTEXT), word.start);
  const inCache = struct === CACHE_STRUCT || OF_CACHE.test(before);
  if (inCache && hasMember(model, CACHE_STRUCT, name)) return memberOfCache(model, name);
  const inEmulator = struct === EMULATOR_STRUCT || OF_EMULATOR.test(before);
  return inEmulator && hasMember(model, EMULATOR_STRUCT, name) ? memberOfEmulator(name) : null;
}

/** How many GPRs the emulator's copy has (kvm_emulate.h). */
const EMULATOR_SLOTS = 'NR_EMULATOR_GPRS';

/** Characters before a word that may say whose member it is. */
const CONTEXT = 32;

/** `vcpu->arch.`, `dst_vcpu->arch.` before a member; `ctxt->` before one of the emulator's (emulate.c calls its context so in every era). */
const OF_CACHE = new RegExp(`vcpu(?:\\.|->)${CACHE_MEMBER}\\.$`);
const OF_EMULATOR = /\bctxt->$/;

function hasMember(model: RegisterModel, struct: string, name: string): boolean {
  return membersOfStruct(model, struct)?.includes(name) ?? false;
}

function memberOfCache(model: RegisterModel, name: string): CacheMember | null {
  const base = { name, struct: CACHE_STRUCT };
  const role = CACHE_ROLES.get(name);
  if (role) return { ...base, role };
  const words = DEBUGGER.get(name);
  if (words !== undefined) return { ...base, role: 'debugger', words };
  const owned = /^(cr\d)_guest_owned_bits$/.exec(name)?.[1];
  if (owned !== undefined) return { ...base, role: 'owned-bits', register: owned.toUpperCase() };
  const register = model.registers.find(({ storage }) => storage === `${CACHE_MEMBER}.${name}`);
  if (register) return { ...base, role: 'register', register };
  if (name === DEBUG_ADDRESSES) return { ...base, role: 'unlisted', register: 'DR0-DR3' };
  const unlisted = unlistedIn(name);
  return unlisted === name.toUpperCase() ? { ...base, role: 'unlisted', register: unlisted } : null;
}

/** What KVM keeps for a debugger in userspace beside the guest's own debug registers (asm/kvm_host.h; KVM_SET_GUEST_DEBUG). */
const DEBUGGER: ReadonlyMap<string, string> = new Map([
  [
    'guest_debug_dr7',
    "DR7 of userspace's debugger (KVM_SET_GUEST_DEBUG), not the guest's: hardware has it in place of the guest's while KVM_GUESTDBG_USE_HW_BP is set",
  ],
  [
    'eff_db',
    "DR0-DR3 as hardware is to have them: the guest's, or those of userspace's debugger while KVM_GUESTDBG_USE_HW_BP is set",
  ],
]);

/** asm/kvm_host.h: the addresses of the guest's breakpoints. */
const DEBUG_ADDRESSES = 'db';

/** asm/kvm_host.h. */
const CACHE_ROLES: ReadonlyMap<
  string,
  'array' | 'available' | 'dirty' | 'protected' | 'emulator-ahead' | 'emulator-behind'
> = new Map([
  [CACHE_ARRAY, 'array'],
  [AVAILABLE_BITMAP, 'available'],
  [DIRTY_BITMAP, 'dirty'],
  ['guest_state_protected', 'protected'],
  ['emulate_regs_need_sync_to_vcpu', 'emulator-ahead'],
  ['emulate_regs_need_sync_from_vcpu', 'emulator-behind'],
]);

function memberOfEmulator(name: string): CacheMember | null {
  const role = EMULATOR_ROLES.get(name);
  return role ? { name, struct: EMULATOR_STRUCT, role } : null;
}

/** kvm_emulate.h. */
const EMULATOR_ROLES: ReadonlyMap<string, 'emulator-array' | 'emulator-bitmap' | 'emulator-ip' | 'emulator-flags'> =
  new Map([
    [EMULATOR_ARRAY, 'emulator-array'],
    ['regs_valid', 'emulator-bitmap'],
    ['regs_dirty', 'emulator-bitmap'],
    ['_eip', 'emulator-ip'],
    ['eip', 'emulator-ip'],
    ['eflags', 'emulator-flags'],
  ]);

/** A member of the cache's struct that is given a value: `arch.name =`, `arch.name |=`; not another's of that name, `save.cr2 =`, `debug.arch.dr6 =`, nor a variable. */
const WRITTEN = new RegExp(`(?<!\\bdebug\\.)\\b${CACHE_MEMBER}\\.(\\w+)(?:\\[[^\\][;]*\\])?\\s*[|&^]?=(?!=)`, 'g');

/** Where functions give a member of the cache's struct a value, the first place in each. */
export function writersOf(model: RegisterModel, name: string): readonly FileSpan[] {
  return cFunctions(model).flatMap((fn) => {
    if (!fn.c.words.has(name)) return [];
    const match = Array.from(functionText(model, fn).matchAll(WRITTEN)).find(([, written]) => written === name);
    if (!match) return [];
    const start = fileOffset(fn, match.index + match[0].indexOf(name));
    return [{ file: fn.file, start, end: start + name.length }];
  });
}

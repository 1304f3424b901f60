import type { StructPlace } from '../../backends/place.js';

/** What XSAVE code switches that is no component: XCR0, IA32_XSS, IA32_XFD and IA32_XFD_ERR; and PKRU, which KVM switches on its own. */
export type ControlState = 'XCR0' | 'XSS' | 'PKRU' | 'XFD' | 'XFD_ERR';

/** A hardware register and the state that it is part of. */
export interface StateRegister {
  readonly state: ControlState;
  readonly name: string;
}

/** MSRs by the kernel's names (asm/msr-index.h; SDM vol. 1, 13.3 and 13.14). XFD_ERR says which component XFD refused. */
export const STATE_MSRS: ReadonlyMap<string, StateRegister> = new Map([
  ['MSR_IA32_XSS', { state: 'XSS', name: 'IA32_XSS' }],
  ['MSR_IA32_XFD', { state: 'XFD', name: 'IA32_XFD' }],
  ['MSR_IA32_XFD_ERR', { state: 'XFD_ERR', name: 'IA32_XFD_ERR' }],
]);

export const XCR0: StateRegister = { state: 'XCR0', name: 'XCR0' };
export const PKRU: StateRegister = { state: 'PKRU', name: 'PKRU' };

/** XCR0's number in XGETBV and XSETBV (SDM vol. 1, 13.3), and the kernel's name for it (asm/fpu/xcr.h). */
export const XCR0_INDEX: ReadonlySet<string> = new Set(['XCR_XFEATURE_ENABLED_MASK', '0']);

/** Functions named after the one instruction that they execute (asm/fpu/xcr.h, asm/special_insns.h, asm/pkru.h, asm/msr.h). */
export const INSTRUCTION_FUNCTIONS = {
  xsetbv: /^xsetbv$/,
  xgetbv: /^xgetbv$/,
  wrpkru: /^_*(?:wrpkru|write_pkru)$/,
  rdpkru: /^_*(?:rdpkru|read_pkru)$/,
  wrmsr: /^(?:native_)?(?:wrmsr(?:l|q|ns|nsq)?(?:_safe)?|write_msr(?:_safe)?)$/,
  /** Macros that put the value into their second argument. */
  rdmsr: /^rdmsr(?:l|q)?(?:_safe)?$/,
  /** Functions that return it. */
  readMsr: /^(?:native_)?(?:read_msr(?:_safe)?|rdmsrq?)$/,
} as const;

/** A field of `struct kvm_vcpu_arch` (asm/kvm_host.h) that keeps a value of XSAVE's registers, and whose. */
export interface StateField {
  readonly state: ControlState;
  readonly owner: 'guest' | 'host';
}

export const ARCH_FIELDS: ReadonlyMap<string, StateField> = new Map([
  ['xcr0', { state: 'XCR0', owner: 'guest' }],
  ['ia32_xss', { state: 'XSS', owner: 'guest' }],
  ['pkru', { state: 'PKRU', owner: 'guest' }],
  ['host_pkru', { state: 'PKRU', owner: 'host' }],
]);

/** What a member of a vendor's own vCPU keeps, as VMX's did with PKRU before 5.6 (`vmx->guest_pkru`); null for any other. */
export function vendorField(member: string): StateField | null {
  const [, owner, name] = /^(guest|host)_(pkru|xcr0|xss)$/.exec(member) ?? [];
  const state = SAVED_MEMBERS.get(name ?? '');
  return state ? { state, owner: owner === 'host' ? 'host' : 'guest' } : null;
}

/** Members of KVM's host values (`struct kvm_host_values`, x86.h), and the variables that held them before (x86.c). */
export const HOST_MEMBERS: ReadonlyMap<string, ControlState> = new Map([
  ['xcr0', 'XCR0'],
  ['xss', 'XSS'],
]);
/** The variable of that struct. */
export const HOST_STRUCT_VARIABLE = 'kvm_host';
export const HOST_VARIABLES: ReadonlyMap<string, ControlState> = new Map([
  ['host_xcr0', 'XCR0'],
  ['host_xss', 'XSS'],
]);

/** Members of save areas and protocols that hold these registers (APM vol. 2, appendix B; GHCB specification). */
export const SAVED_MEMBERS: ReadonlyMap<string, ControlState> = new Map([
  ['xcr0', 'XCR0'],
  ['xss', 'XSS'],
  ['pkru', 'PKRU'],
]);

/** Members of `struct kvm_vcpu_arch` that are FPU state in memory: the guest's, and (before 5.15) that of the VMM's own task. */
export const FPU_MEMBERS: ReadonlyMap<string, 'guest' | 'host'> = new Map([
  ['guest_fpu', 'guest'],
  ['user_fpu', 'host'],
]);

/** Words that stand for an instruction or state, whatever number of underscores is before them (`__read_pkru`). */
export function isStateWord(word: string, words: ReadonlySet<string>): boolean {
  return words.has(word.startsWith('_') ? word.replace(/^_+/, '') : word);
}

/** Types of XSAVE state in memory (asm/fpu/types.h). */
export const FPU_TYPES: ReadonlySet<string> = new Set([
  'fpu',
  'fpu_guest',
  'fpstate',
  'fpregs_state',
  'xregs_state',
  'fxregs_state',
  'swregs_state',
  'fregs_state',
]);

/** Members of such state that are IA32_XFD's and IA32_XFD_ERR's values. */
export const XFD_MEMBERS: ReadonlyMap<string, ControlState> = new Map([
  ['xfd', 'XFD'],
  ['xfd_err', 'XFD_ERR'],
]);

/** Members of such state that say something of it and are no registers: lengths, masks, flags, pointers back. */
export const FPU_NOTES: ReadonlySet<string> = new Set(
  'in_use is_confidential is_guest is_valloc size user_size uabi_size xfeatures user_xfeatures perm last_cpu header xsave_hdr'.split(
    ' ',
  ),
);

/** How members of KVM's message of an access to an MSR are called as places. */
export const MESSAGE_PREFIX = 'msr_data.';

/** Structs whose members are userspace's (uapi/asm/kvm.h), and KVM's message of an access to an MSR (asm/kvm_host.h). */
export const USER_STRUCTS: ReadonlyMap<string, StructPlace> = new Map<string, StructPlace>([
  ['kvm_xsave', { kind: 'userspace', prefix: 'kvm_xsave.' }],
  ['kvm_xcrs', { kind: 'userspace', prefix: 'kvm_xcrs.' }],
  ['kvm_xcr', { kind: 'userspace', prefix: 'kvm_xcrs.' }],
  ['kvm_fpu', { kind: 'userspace', prefix: 'kvm_fpu.' }],
  // In the page of struct kvm_run, which userspace maps.
  ['kvm_sync_regs', { kind: 'userspace', prefix: 'kvm_run.s.regs.' }],
  // KVM_GET_MSRS, KVM_SET_MSRS; and the guest's own RDMSR and WRMSR where they are intercepted.
  ['msr_data', { kind: 'userspace', prefix: MESSAGE_PREFIX }],
]);

/** Functions that copy memory: which argument is the target, which the source. */
export const COPIES: ReadonlyMap<string, { readonly to: number; readonly from: number }> = new Map([
  ['memcpy', { to: 0, from: 1 }],
  ['memmove', { to: 0, from: 1 }],
  ['__memcpy', { to: 0, from: 1 }],
  ['__builtin_memcpy', { to: 0, from: 1 }],
  ['__builtin_memmove', { to: 0, from: 1 }],
  // linux/regset.h: a buffer that is filled from its beginning.
  ['membuf_write', { to: 0, from: 1 }],
  ['copy_to_user', { to: 0, from: 1 }],
  ['__copy_to_user', { to: 0, from: 1 }],
  ['copy_from_user', { to: 0, from: 1 }],
  ['__copy_from_user', { to: 0, from: 1 }],
  ['put_user', { to: 1, from: 0 }],
  ['__put_user', { to: 1, from: 0 }],
]);

/** Those of which one side is userspace's memory, whatever the pointer is called (linux/uaccess.h). */
export const USER_SIDES: ReadonlyMap<string, 'to' | 'from'> = new Map([
  ['copy_to_user', 'to'],
  ['__copy_to_user', 'to'],
  ['put_user', 'to'],
  ['__put_user', 'to'],
  ['copy_from_user', 'from'],
  ['__copy_from_user', 'from'],
]);

/** What the FPU core's functions do that a tree without the FPU core does not show (asm/fpu/api.h). Arguments by their index. */
export const CORE_COPIES: ReadonlyMap<
  string,
  { readonly to: number; readonly from: number; readonly pkru: number; readonly way: 'out' | 'in' }
> = new Map([
  ['fpu_copy_guest_fpstate_to_uabi', { to: 1, from: 0, pkru: 4, way: 'out' }],
  ['fpu_copy_uabi_to_guest_fpstate', { to: 0, from: 1, pkru: 3, way: 'in' }],
]);
/** The one that swaps the task's state and the guest's, which its first argument is; its second says whether the guest's is loaded. */
export const CORE_SWAP = 'fpu_swap_kvm_fpstate';

/** Functions with which an ioctl moves its argument; what such a function hands on of its own is userspace's. */
export const USER_COPIES = ['copy_to_user', 'copy_from_user', 'memdup_user'];

/** Where a guest register's value can live (the contract's `place.kind`). */
export type PlaceKind =
  | 'hardware'
  | 'vmcs'
  | 'vmcb'
  | 'ghcb'
  | 'vmsa'
  | 'tdx'
  | 'cache'
  | 'emulator'
  | 'nested'
  | 'userspace'
  | 'smram'
  | 'fpstate'
  | 'memory'
  | 'host';

/** A place, as code names it. */
export interface Place {
  readonly kind: PlaceKind;
  /** `GUEST_RSP`, `save.rax`, `r10`, `arch.regs[VCPU_REGS_RAX]`. */
  readonly name: string;
  /** The enum member it holds, where the place names one: a slot of the cache or of the emulator's copy. */
  readonly register: string | null;
  /** Which of several: `vmcb01`, L1's VMCB, while `vmcb02` runs L2. */
  readonly which?: string;
}

/** A struct whose members are a place, and how a member is called there. */
export interface StructPlace {
  readonly kind: PlaceKind;
  readonly prefix: string;
}

/**
 * Structs that are places. The names are the interface to hardware, firmware, userspace or the emulator; no tree states
 * what they mean.
 */
export const STRUCT_PLACES: ReadonlyMap<string, StructPlace> = new Map<string, StructPlace>([
  // AMD APM vol. 2, appendix B: the VMCB's state save area; asm/svm.h.
  ['vmcb_save_area', { kind: 'vmcb', prefix: 'save.' }],
  ['vmcb_control_area', { kind: 'vmcb', prefix: 'control.' }],
  // APM vol. 2, 15.35: the encrypted save area of an SEV-ES guest.
  ['sev_es_save_area', { kind: 'vmsa', prefix: 'save.' }],
  // GHCB specification (AMD 56421).
  ['ghcb_save_area', { kind: 'ghcb', prefix: 'save.' }],
  ['ghcb', { kind: 'ghcb', prefix: '' }],
  // L1's control structures for L2: vmx/vmcs12.h; svm/svm.h keeps a copy of what it needs of vmcb12.
  ['vmcs12', { kind: 'nested', prefix: 'vmcs12.' }],
  ['vmcb_save_area_cached', { kind: 'nested', prefix: 'vmcb12.save.' }],
  ['hv_enlightened_vmcs', { kind: 'nested', prefix: 'evmcs.' }],
  // Intel TDX module ABI: the registers of a SEAMCALL; asm/tdx.h, asm/shared/tdx.h.
  ['tdx_module_args', { kind: 'tdx', prefix: '' }],
  // uapi/asm/kvm.h.
  ['kvm_regs', { kind: 'userspace', prefix: 'kvm_regs.' }],
  ['kvm_sregs', { kind: 'userspace', prefix: 'kvm_sregs.' }],
  ['kvm_sregs2', { kind: 'userspace', prefix: 'kvm_sregs2.' }],
  // SDM vol. 3, 33.4.1: the SMRAM state save map; smm.h.
  ['kvm_smram_state_32', { kind: 'smram', prefix: 'smram32.' }],
  ['kvm_smram_state_64', { kind: 'smram', prefix: 'smram64.' }],
  // SDM vol. 3, 9.2: the task-state segment, in guest memory.
  ['tss_segment_16', { kind: 'memory', prefix: 'tss.' }],
  ['tss_segment_32', { kind: 'memory', prefix: 'tss.' }],
  ['kvm_host_values', { kind: 'host', prefix: 'kvm_host.' }],
]);

/** Members that are places of a type above, for a tree whose header with the type is absent. */
export const MEMBER_TYPES: ReadonlyMap<string, string> = new Map([
  ['save', 'vmcb_save_area'],
  ['vp_enter_args', 'tdx_module_args'],
]);

/** A C function that reads or writes a place, by what its arguments are. */
interface PlaceFunction {
  readonly kind: PlaceKind;
  readonly access: 'read' | 'write';
  /** Which argument names the field (0-based), or the field's name itself. */
  readonly field: number | string;
  /** Which argument is the value that is written. */
  readonly value: number | null;
}

/**
 * What a call to a hardware accessor does, or null for any other function.
 * VMCS: vmx/vmx_ops.h (`vmcs_read64(GUEST_RIP)`), and eVMCS (`evmcs_read64`). GHCB: asm/svm.h's `DEFINE_GHCB_ACCESSORS`.
 */
export function placeFunction(name: string): PlaceFunction | null {
  const vmcs = /^(?:__)?e?vmcs_(?:check)?(read|write)(?:16|32|64|l)?$/.exec(name);
  if (vmcs)
    return vmcs[1] === 'read'
      ? { kind: 'vmcs', access: 'read', field: 0, value: null }
      : { kind: 'vmcs', access: 'write', field: 0, value: 1 };
  const ghcb = /^(?:kvm_)?ghcb_(get|set)_(\w+?)(?:_if_valid)?$/.exec(name);
  if (!ghcb?.[2] || ghcb[2].startsWith('sw_')) return null;
  return {
    kind: 'ghcb',
    access: ghcb[1] === 'get' ? 'read' : 'write',
    field: ghcb[2],
    value: ghcb[1] === 'set' ? 1 : null,
  };
}

/** Functions that fill memory behind their first argument from guest memory (linux/kvm_host.h, x86.c). */
export const GUEST_MEMORY_READERS = /^kvm_(?:vcpu_)?read_(?:nested_)?guest(?:_page(?:_mmu)?|_cached|_virt)?$/;

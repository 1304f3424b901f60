/** Where a whole kernel tree keeps KVM's x86 code. */
export const kvmDirectory = 'arch/x86/kvm';

/** Files of one directory that can say something about guest registers, and why. */
export interface RelevantFiles {
  /** Relative to the top of a whole kernel tree, with '/'. */
  readonly directory: string;
  /** Which names in it. Only C, headers and assembly are ever considered: see {@link isSourceName}. */
  readonly names: RegExp;
  /** Whether the directories below it count as well. */
  readonly below: boolean;
  readonly reason: string;
}

const anyName = /./;

/** Everything that is read of a kernel tree; the rest of its 90,000 files is never looked at. */
export const relevance: readonly RelevantFiles[] = [
  {
    directory: kvmDirectory,
    names: anyName,
    below: true,
    reason: 'KVM itself: the register cache, its users, the world switch',
  },
  { directory: 'virt/kvm', names: anyName, below: true, reason: 'the ioctls that lead to the registers' },
  {
    directory: 'arch/x86/kernel/fpu',
    names: anyName,
    below: true,
    reason: 'XSAVE state: guest fpstate, XCR0, XSS, PKRU',
  },
  { directory: 'arch/x86/virt', names: anyName, below: true, reason: 'the TDX SEAMCALL code that enters a TD' },

  {
    directory: 'arch/x86/include/asm',
    names: /^p?kvm/,
    below: false,
    reason: 'enum kvm_reg, vcpu->arch, register numbers, the ops tables',
  },
  { directory: 'arch/x86/include/asm', names: /^vmx/, below: false, reason: 'VMCS field names' },
  {
    directory: 'arch/x86/include/asm',
    names: /^(svm|sev)/,
    below: false,
    reason: 'VMCB save area, VMSA and GHCB with the accessors it generates',
  },
  {
    directory: 'arch/x86/include/asm',
    names: /^(tdx|seamldr|seamcall)/,
    below: false,
    reason: 'entry into the TDX module',
  },
  {
    directory: 'arch/x86/include/asm/shared',
    names: /^tdx/,
    below: false,
    reason: 'struct tdx_module_args: registers that a TDVMCALL passes',
  },
  {
    directory: 'arch/x86/include/asm',
    names: /^hyperv/,
    below: false,
    reason: 'the enlightened VMCS, a place like the VMCS',
  },
  { directory: 'include/hyperv', names: /^hvgdk\.h$/, below: false, reason: 'the same, where it moved to in 6.13' },
  {
    directory: 'arch/x86/include/asm',
    names: /^(asm|inst|linkage|frame)\.h$/,
    below: false,
    reason: '_ASM_AX, R64_NUM and the macros that begin and end an assembly function',
  },
  {
    directory: 'arch/x86/include/asm',
    names: /^nospec-branch\.h$/,
    below: false,
    reason: 'macros between VM-exit and the next return that use registers',
  },
  {
    directory: 'arch/x86/include/asm',
    names: /^(bitsperlong|percpu|segment)\.h$/,
    below: false,
    reason: 'names used in the assembly world switch',
  },
  {
    directory: 'arch/x86/include/asm',
    names: /^(pkru|special_insns)\.h$/,
    below: false,
    reason: 'RDPKRU, WRPKRU and control-register instructions',
  },
  {
    directory: 'arch/x86/include/asm',
    names: /^processor-flags\.h$/,
    below: false,
    reason: 'CR0, CR3, CR4 and RFLAGS bits',
  },
  {
    directory: 'arch/x86/include/asm/fpu',
    names: anyName,
    below: true,
    reason: 'XFEATURE_*, struct fpstate, XGETBV and XSETBV',
  },

  {
    directory: 'arch/x86/include/uapi/asm',
    names: /^kvm/,
    below: false,
    reason: 'struct kvm_regs, kvm_sregs, kvm_xsave',
  },
  { directory: 'arch/x86/include/uapi/asm', names: /^(vmx|svm)/, below: false, reason: 'exit reasons' },
  {
    directory: 'arch/x86/include/uapi/asm',
    names: /^(bitsperlong|processor-flags)\.h$/,
    below: false,
    reason: 'word size, control-register bits',
  },

  { directory: 'include/linux', names: /^kvm/, below: false, reason: 'struct kvm_vcpu' },
  {
    directory: 'include/linux',
    names: /^(kbuild|linkage)\.h$/,
    below: false,
    reason: 'OFFSET() of kvm-asm-offsets.c, SYM_FUNC_START',
  },
  { directory: 'include/uapi/linux', names: /^kvm/, below: false, reason: 'struct kvm_run' },
  {
    directory: 'include/asm-generic',
    names: /^bitsperlong\.h$/,
    below: false,
    reason: 'BITS_PER_LONG, hence the size of a slot',
  },
  {
    directory: 'include/uapi/asm-generic',
    names: /^bitsperlong\.h$/,
    below: false,
    reason: 'BITS_PER_LONG, hence the size of a slot',
  },
];

/** Whether a file's name is one of kernel source: C, a header or assembly; not a linker's script, an editor's hidden lock or backup file. */
export function isSourceName(name: string): boolean {
  return /^[^.#].*\.[chS]$/.test(name) && !name.endsWith('.lds.S');
}

/** Whether a file's name is one of assembly that is not GNU as's: a port's. */
export function isOtherAssembly(name: string): boolean {
  return /^[^.#].*\.(?:n?asm|masm)$/i.test(name);
}

/**
 * A path of the whole kernel tree, seen from a part of it: `pathInside('arch/x86', 'arch/x86/kvm')` is "kvm".
 * Undefined where the path lies outside that part.
 */
export function pathInside(part: string, path: string): string | undefined {
  if (part === '') return path;
  if (path === part) return '';
  return path.startsWith(`${part}/`) ? path.slice(part.length + 1) : undefined;
}

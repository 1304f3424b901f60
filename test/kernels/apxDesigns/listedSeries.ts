import { WORLD_SWITCH, type Series } from './series.js';

const NUMBERS = Array.from({ length: 16 }, (_, i) => String(i + 16));

const MACROS = `
#ifdef CONFIG_KVM_APX
.macro VMX_LOAD_EGPRS src:req
.irp i, ${NUMBERS.join(', ')}
	mov (VMX_vcpu_arch_regs + \\i * WORD_SIZE)(\\src), %r\\i
.endr
.endm

.macro VMX_STORE_EGPRS dst:req
.irp i, ${NUMBERS.join(', ')}
	mov %r\\i, (VMX_vcpu_arch_regs + \\i * WORD_SIZE)(\\dst)
.endr
.endm

.macro CLEAR_EGPRS
	CLEAR_REGS ${NUMBERS.map((n) => `%r${n}d`).join(', ')}
.endm
#endif
`;

const COPIES = `#ifdef CONFIG_KVM_APX
#define VCPU_EGPRS_PTR(vcpu) (&(vcpu)->arch.regs[VCPU_REGS_R16])
#else
#define VCPU_EGPRS_PTR(vcpu) NULL
#endif

static void kvm_copy_vcpu_regs_to_uabi(struct kvm_vcpu *vcpu, u8 *state)
{
	union fpregs_state *xstate = (union fpregs_state *)state;
	void *egprs = VCPU_EGPRS_PTR(vcpu);

	if (!egprs || !(vcpu->arch.guest_supported_xcr0 & XFEATURE_MASK_APX))
		return;

	memcpy(state + xstate_offset(XFEATURE_APX), egprs, xstate_size(XFEATURE_APX));
	xstate->xsave.header.xfeatures |= XFEATURE_MASK_APX;
}

static void kvm_copy_uabi_to_vcpu_regs(struct kvm_vcpu *vcpu, const u8 *state)
{
	const union fpregs_state *xstate = (const union fpregs_state *)state;
	void *egprs = VCPU_EGPRS_PTR(vcpu);

	if (egprs && (xstate->xsave.header.xfeatures & XFEATURE_MASK_APX))
		memcpy(egprs, state + xstate_offset(XFEATURE_APX), xstate_size(XFEATURE_APX));
}

`;

const VMX_ENTRY = /^SYM_FUNC_START\(__vmx_vcpu_run\)/;

/** The register number of `name`, of five bits where the CPU has extended instruction information. */
const extended = (name: string, parameter: RegExp, at: number): Series[string] => ({
  edits: [
    [
      new RegExp(`^static inline int ${name}\\(`),
      /return \((\w+) >> (\d+)\) & 0xf;/,
      `return static_cpu_has(X86_FEATURE_APX) ? ($1 >> ${String(at)}) & 0x1f : ($1 >> $2) & 0xf;`,
    ],
    [new RegExp(`^static inline int ${name}\\(`), parameter, 'u64'],
  ],
});

/** What the series on KVM's list does, since it has regs[] hold R16-R31, written into a tree with LOAD_REGS: code of our own. */
export const LISTED: Series = {
  slots: WORLD_SWITCH['slots'] ?? {},
  flag: WORLD_SWITCH['flag'] ?? {},
  'set flag': WORLD_SWITCH['set flag'] ?? {},
  macros: { edits: [[null, /\n#endif \/\* __ASSEMBLER__ \*\/\n#endif \/\* __KVM_X86_VMENTER_H \*\//, `${MACROS}$&`]] },
  load: {
    edits: [
      [
        VMX_ENTRY,
        /\t\/\* Reload @vmx, _ASM_ARG1.*\n\tmov WORD_SIZE\(%_ASM_SP\), %_ASM_DI\n/,
        `$&
#ifdef CONFIG_KVM_APX
	ALTERNATIVE "jmp .Legprs_loaded", "", X86_FEATURE_APX
	testl $KVM_ENTER_EGPR_SWITCH, (%_ASM_SP)
	jz .Legprs_loaded
	VMX_LOAD_EGPRS %_ASM_DI
.Legprs_loaded:
#endif
`,
      ],
    ],
  },
  store: {
    edits: [
      [
        VMX_ENTRY,
        /\tpop %_ASM_BX\n\tpop %_ASM_BX\n/,
        `	pop %_ASM_BX
	pop %_ASM_DI
#ifdef CONFIG_KVM_APX
	ALTERNATIVE "jmp .Legprs_stored", "", X86_FEATURE_APX
	test $KVM_ENTER_EGPR_SWITCH, %_ASM_BX
	jz .Legprs_stored
	VMX_STORE_EGPRS %_ASM_DI
	CLEAR_EGPRS
.Legprs_stored:
#endif
`,
      ],
    ],
  },
  copies: { edits: [[null, /^static int kvm_vcpu_ioctl_x86_get_xsave2\(/m, `${COPIES}$&`]] },
  out: {
    edits: [
      [
        /^static int kvm_vcpu_ioctl_x86_get_xsave2\(/,
        /supported_xcr0, vcpu->arch\.pkru\);/,
        'supported_xcr0 & ~XFEATURE_MASK_APX, vcpu->arch.pkru);\n\tkvm_copy_vcpu_regs_to_uabi(vcpu, state);',
      ],
    ],
  },
  in: {
    edits: [
      [
        /^static int kvm_vcpu_ioctl_x86_set_xsave\(/,
        /return fpu_copy_uabi_to_guest_fpstate\(/,
        'kvm_copy_uabi_to_vcpu_regs(vcpu, (u8 *)guest_xsave->region);\n\t$&',
      ],
    ],
  },
  reg: extended('vmx_get_instr_info_reg', /u32/, 16),
  reg2: extended('vmx_get_instr_info_reg2', /u32/, 40),
  'local mask': {
    edits: [
      [null, /#define KVM_SUPPORTED_XCR0 +\([^)]*\)\n/, ''],
      [
        /^int kvm_x86_vendor_init\(/,
        /\tu64 host_pat;\n/,
        `$&	const u64 KVM_SUPPORTED_XCR0 = XFEATURE_MASK_FP | XFEATURE_MASK_SSE | XFEATURE_MASK_YMM |
				       XFEATURE_MASK_BNDREGS | XFEATURE_MASK_BNDCSR | XFEATURE_MASK_AVX512 |
				       XFEATURE_MASK_PKRU | XFEATURE_MASK_XTILE;
`,
      ],
    ],
  },
  enable: {
    edits: [
      [
        /^int kvm_x86_vendor_init\(/,
        /kvm_caps\.supported_xcr0 = kvm_host\.xcr0 & KVM_SUPPORTED_XCR0;/,
        '$&\n\t\tif (IS_ENABLED(CONFIG_KVM_APX))\n\t\t\tkvm_caps.supported_xcr0 |= kvm_host.xcr0 & XFEATURE_MASK_APX;',
      ],
    ],
  },
  'leave out on SVM': {
    edits: [
      [
        /^static __init int svm_hardware_setup\(/,
        /(kvm_caps\.supported_xcr0 &= ~\(XFEATURE_MASK_BNDREGS) \|/,
        '$1 | XFEATURE_MASK_APX |',
      ],
    ],
  },
};

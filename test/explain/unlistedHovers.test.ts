import { describe, expect, it } from 'vitest';
import { modelOf } from '../engine.js';
import { CACHE } from '../facts/fixture.js';
import { saidOf } from './said.js';

const HOST = 'arch/x86/include/asm/kvm_host.h';
const X86 = 'arch/x86/kvm/x86.c';
const SVM = 'arch/x86/kvm/svm/svm.c';
const VMX = 'arch/x86/kvm/vmx/vmx.c';
const MMU = 'arch/x86/kvm/mmu/mmu.c';

const HEADERS = {
  [HOST]: (CACHE[HOST] ?? '')
    .replace('VCPU_EXREG_CR3,', 'VCPU_EXREG_CR3, VCPU_EXREG_SEGMENTS, VCPU_EXREG_EXIT_INFO_1,')
    .replace(
      'unsigned long cr3;',
      `unsigned long cr3; unsigned long cr2; unsigned long cr8; u64 efer; unsigned long dr6;
	bool emulate_regs_need_sync_from_vcpu;`,
    )
    .concat(
      'enum { VCPU_SREG_ES, VCPU_SREG_CS, VCPU_SREG_SS, VCPU_SREG_DS, VCPU_SREG_FS, VCPU_SREG_GS, VCPU_SREG_TR, VCPU_SREG_LDTR };\n',
    ),
  'arch/x86/kvm/svm/svm.h': `
struct vmcb_seg { u16 selector; u64 base; };
struct vmcb_save_area { struct vmcb_seg gs; u64 rax; u64 dr6; u64 star; u64 sysenter_cs; u64 kernel_gs_base; };
struct vmcb_control_area { u32 int_ctl; };
struct vmcb { struct vmcb_control_area control; struct vmcb_save_area save; };
struct vcpu_svm { struct kvm_vcpu vcpu; struct vmcb *vmcb; };
static inline struct vcpu_svm *to_svm(struct kvm_vcpu *vcpu) { return container_of(vcpu, struct vcpu_svm, vcpu); }
`,
  'arch/x86/kvm/vmx/vmx.h': `
struct vmcs12 { u64 exit_qualification; u64 guest_cr3; };
struct vcpu_vmx { struct kvm_vcpu vcpu; unsigned long exit_qualification; };
static inline unsigned long vmx_get_exit_qual(struct vcpu_vmx *vmx)
{
	if (!kvm_register_is_available(&vmx->vcpu, VCPU_EXREG_EXIT_INFO_1)) {
		kvm_register_mark_available(&vmx->vcpu, VCPU_EXREG_EXIT_INFO_1);
		vmx->exit_qualification = vmcs_readl(EXIT_QUALIFICATION);
	}
	return vmx->exit_qualification;
}
`,
};

const CODE = {
  [X86]: `
unsigned long read_cr8(struct kvm_vcpu *vcpu)
{
	return vcpu->arch.cr8;
}
int write_cr8(struct kvm_vcpu *vcpu, unsigned long cr8)
{
	note_tpr(vcpu, cr8);
	vcpu->arch.cr8 = cr8;
	return 0;
}
static void note_tpr(struct kvm_vcpu *vcpu, unsigned long cr8)
{
	trace(cr8 << 4);
}
static unsigned long read_cr(struct kvm_vcpu *vcpu, int nr)
{
	unsigned long found;

	switch (nr) {
	case 2:
		found = vcpu->arch.cr2;
		break;
	case 3:
		found = vcpu->arch.cr3;
		break;
	case 8:
		found = read_cr8(vcpu);
		break;
	}
	return found;
}
static void tell(struct kvm_vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	run->cr8 = read_cr8(vcpu);
	vcpu->arch.emulate_regs_need_sync_from_vcpu = true;
}
static int __do_rdmsr(struct kvm_vcpu *vcpu, u32 msr, int reg)
{
	u64 data = read_msr(msr);

	if (reg < 0) {
		kvm_rax_write(vcpu, (u32)data);
		kvm_rdx_write(vcpu, data >> 32);
	} else {
		kvm_register_write(vcpu, reg, data);
	}
	return 1;
}
int do_rdmsr(struct kvm_vcpu *vcpu)
{
	return __do_rdmsr(vcpu, kvm_rcx_read(vcpu), -1);
}
int do_rdmsr_imm(struct kvm_vcpu *vcpu, u32 msr, int reg)
{
	return __do_rdmsr(vcpu, msr, reg);
}
static void run_once(struct kvm_vcpu *vcpu)
{
	u64 flags = 0;

	if (needs_dr6(vcpu))
		flags |= RUN_WITH_DR6;
	svm_run(vcpu, flags);
}
`,
  [SVM]: `
static void set_dr6(struct vcpu_svm *svm, unsigned long value)
{
	svm->vmcb->save.dr6 = value;
}
static void svm_run(struct kvm_vcpu *vcpu, u64 flags)
{
	trace_entry(kvm_rax_read(vcpu));
	if (flags & RUN_WITH_DR6)
		set_dr6(to_svm(vcpu), vcpu->arch.dr6);
	if (flags & RUN_AT_ONCE)
		kick(vcpu);
	if (vcpu->arch.efer & EFER_SVME)
		set_dr6(to_svm(vcpu), vcpu->arch.dr6);
}
static u64 base_of(struct kvm_vcpu *vcpu, int seg)
{
	return seg;
}
static void set_base(struct kvm_vcpu *vcpu, int seg)
{
	to_svm(vcpu)->vmcb->save.gs.base = base_of(vcpu, seg);
}
static int set_efer(struct kvm_vcpu *vcpu, u64 efer)
{
	vcpu->arch.efer = efer;
	return 0;
}
static void enter_long_mode(struct kvm_vcpu *vcpu)
{
	set_efer(vcpu, vcpu->arch.efer | EFER_LMA);
}
static int set_msr(struct kvm_vcpu *vcpu, u32 msr, u64 data)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	if (msr == MSR_GS_BASE)
		svm->vmcb->save.gs.base = data;
	else
		svm->vmcb->save.star = data;
	return 0;
}
static void copy_msrs(struct vmcb *to, struct vmcb *from)
{
	to->save.sysenter_cs = from->save.sysenter_cs;
	to->save.kernel_gs_base = from->save.kernel_gs_base;
}
static void tpr_in(struct kvm_vcpu *vcpu)
{
	int cr8 = to_svm(vcpu)->vmcb->control.int_ctl & V_TPR_MASK;

	write_cr8(vcpu, cr8);
}
static void get_segment(struct kvm_vcpu *vcpu, struct kvm_segment *var, int seg)
{
	var->selector = 0;
}
static void look(struct kvm_vcpu *vcpu)
{
	struct kvm_segment cs;

	get_segment(vcpu, &cs, VCPU_SREG_CS);
}
`,
  [VMX]: `
static void fail_entry(struct kvm_vcpu *vcpu, struct vmcs12 *vmcs12, u32 index)
{
	vmcs12->exit_qualification = index;
}
static void use_qualification(struct vcpu_vmx *vmx)
{
	note(vmx->exit_qualification);
}
static void control(struct kvm_vcpu *vcpu)
{
	vmcs_write16(POSTED_INTR_NV, POSTED_VECTOR);
}
static void dump(u32 sel)
{
	pr_err("%x", vmcs_read32(sel + GUEST_ES_AR_BYTES - GUEST_ES_SELECTOR));
}
static int check_cr3(struct vmcs12 *vmcs12)
{
	if (CC(!is_valid(vmcs12->guest_cr3)) || CC(vmcs12->guest_cr3 & RESERVED))
		return -1;
	return 0;
}
static unsigned long merged_cr3(struct kvm_vcpu *vcpu, struct vmcs12 *vmcs12)
{
	return vmcs12->guest_cr3 | vmcs_readl(GUEST_CR3);
}
`,
  [MMU]: `
struct role { unsigned int cr4_smep:1; unsigned int cr4_oddity:1; };
static void make_role(struct kvm_vcpu *vcpu)
{
	struct role_regs regs = {
		.cr3 = vcpu->arch.cr3,
		.efer = vcpu->arch.efer,
		.cr4 = X86_CR4_SMEP,
	};
	mmu->role.cr4_smep = is_cr4_smep(&regs);
	mmu->role.cr4_oddity = 1;
}
`,
};

/** Places of a kind: a file, a piece of its text that ends with the word, and what is said of that. */
const PLACES: readonly (readonly [kind: string, places: [path: string, piece: string, said: string][]])[] = [
  [
    'a variable that holds a register that no enum lists',
    [
      [
        X86,
        'write_cr8(struct kvm_vcpu *vcpu, unsigned long cr8',
        'cr8: a value for CR8, which the caller gives; written to vcpu->arch.cr8',
      ],
      [X86, 'trace(cr8', 'cr8: a parameter, a value for CR8 that is given by write_cr8'],
      [SVM, 'int cr8', 'cr8: a local variable, set to CR8 by bits of control.int_ctl; handed to write_cr8'],
      [SVM, 'unsigned long value', 'value: a value for DR6, which the caller gives; written to VMCB save.dr6'],
      [
        X86,
        'case 8:\n\t\tfound',
        'found: a local variable, here read_cr8(vcpu); in read_cr, set from CR3 of the register cache, vcpu->arch.cr3, set to CR2 of vcpu->arch.cr2, to CR8 by read_cr8',
      ],
      // Not of SEGMENTS alone, though of what is written only that is listed.
      [SVM, 'u64 data', 'data: a value, which the caller gives; written to VMCB save.gs, VMCB save.star'],
      [VMX, 'POSTED_INTR_NV, POSTED_VECTOR', ''],
      [
        SVM,
        'struct kvm_segment cs',
        'cs: a segment register, as KVM describes one; its address handed to get_segment for CS',
      ],
    ],
  ],
  [
    'what a function has others do',
    [
      [X86, 'int do_rdmsr', 'do_rdmsr: reads RCX · by __do_rdmsr: writes RAX RDX'],
      [X86, 'int do_rdmsr_imm', 'do_rdmsr_imm: by __do_rdmsr, writes RAX RDX'],
      [
        SVM,
        'void enter_long_mode',
        "enter_long_mode: reads EFER, of KVM's copies that the register enum does not list · sets EFER by set_efer",
      ],
    ],
  ],
  [
    'a flag by which calls about registers are done, and no other',
    [
      [SVM, 'flags & RUN_WITH_DR6', 'RUN_WITH_DR6: decides how DR6 is moved'],
      [X86, 'flags |= RUN_WITH_DR6', 'RUN_WITH_DR6: decides how DR6 is moved'],
      [SVM, 'flags & RUN_AT_ONCE', ''],
      [SVM, 'efer & EFER_SVME', ''],
    ],
  ],
  [
    'a member by the struct that it is of',
    [
      [VMX, 'vmcs12->exit_qualification', ''],
      [
        VMX,
        'vmx->exit_qualification',
        "exit_qualification: KVM's copy of EXIT_INFO_1, beside the register cache; valid while EXIT_INFO_1 is available (avail bit); handed here to note",
      ],
      [
        X86,
        'run->cr8',
        'cr8: CR8 in struct kvm_run, which userspace reads and writes; written here with read_cr8(vcpu)',
      ],
      [
        X86,
        'emulate_regs_need_sync_from_vcpu',
        "emulate_regs_need_sync_from_vcpu: set once the register cache is newer than the emulator's copy of the GPRs, which is then filled anew before the next instruction is emulated; written here with true",
      ],
      [
        MMU,
        'role.cr4_smep',
        'cr4_smep: a bit that KVM keeps aside and calls after CR4.SMEP (X86_CR4_SMEP); written here with is_cr4_smep(&regs)',
      ],
      [MMU, 'role.cr4_oddity', ''],
      [
        MMU,
        '= is_cr4_smep',
        'is_cr4_smep: asks for what KVM keeps aside as CR4.SMEP (X86_CR4_SMEP); reads no register',
      ],
      [MMU, '.efer', 'efer: a copy of EFER on the stack, here of vcpu->arch.efer'],
      [MMU, '.cr4', ''],
    ],
  ],
  [
    'a field, by what is done with it there',
    [
      [
        SVM,
        'to->save.sysenter_cs',
        'sysenter_cs: SYSENTER_CS in save.sysenter_cs of a control structure that is not known; written here from a save area that is not known, save.sysenter_cs',
      ],
      [
        VMX,
        'sel + GUEST_ES_AR_BYTES',
        'GUEST_ES_AR_BYTES: ES access rights (of SEGMENTS) in the VMCS while the guest runs; its number is calculated with here',
      ],
      [
        SVM,
        'from->save.kernel_gs_base',
        'kernel_gs_base: KERNEL_GS_BASE in save.kernel_gs_base of a control structure that is not known; copied here to a save area that is not known, save.kernel_gs_base',
      ],
      // What a call gives is not said to be the caller's.
      [
        SVM,
        'vmcb->save.gs',
        'gs: GS (of SEGMENTS) in the VMCB while the guest runs; written here with base_of(vcpu, seg)',
      ],
      [
        VMX,
        'CC(!is_valid(vmcs12->guest_cr3',
        "guest_cr3: L2's CR3 in vmcs12; read here, handed to is_valid, at nested VM-entry",
      ],
      [
        VMX,
        'CC(!is_valid(vmcs12->guest_cr3)) || CC(vmcs12->guest_cr3',
        "guest_cr3: L2's CR3 in vmcs12; read here, at nested VM-entry, if !(CC(!is_valid(vmcs12->guest_cr3)))",
      ],
      // What a function returns is used on the way into L2 or out of it.
      [VMX, 'return vmcs12->guest_cr3', "guest_cr3: L2's CR3 in vmcs12; returned here"],
    ],
  ],
];

const model = modelOf({ ...CACHE, ...HEADERS, ...CODE });

describe.each(PLACES)('%s', (_, places) => {
  it.each(places)('%s: %s', async (path, piece, said) => {
    expect(saidOf(await model, path, piece)).toBe(said);
  });
});

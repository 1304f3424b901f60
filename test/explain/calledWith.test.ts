import { describe, expect, it } from 'vitest';
import { modelOf } from '../engine.js';
import { CACHE } from '../facts/fixture.js';
import { hoverOf, saidOf } from './said.js';

const HOST = 'arch/x86/include/asm/kvm_host.h';
const VMX = 'arch/x86/kvm/vmx/vmx.c';
const SVM = 'arch/x86/kvm/svm/svm.c';
const X86 = 'arch/x86/kvm/x86.c';

const TREE = {
  ...CACHE,
  [HOST]: (CACHE[HOST] ?? '')
    .replace('VCPU_EXREG_CR3,', 'VCPU_EXREG_CR3, VCPU_EXREG_CR4, VCPU_EXREG_EXIT_INFO_1,')
    .replace(
      'unsigned long cr3;',
      'unsigned long cr3; unsigned long cr4; unsigned long cr4_guest_owned_bits; unsigned long db[4]; unsigned long dr6; unsigned long dr7;',
    ),
  'arch/x86/kvm/svm/svm.h': `
struct vmcb_save_area { u64 rax; };
struct vmcb_control_area { u64 ghcb_gpa; };
struct vmcb { struct vmcb_control_area control; struct vmcb_save_area save; };
struct vcpu_svm { struct kvm_vcpu vcpu; struct vmcb *vmcb; unsigned long pa; };
static inline struct vcpu_svm *to_svm(struct kvm_vcpu *vcpu) { return container_of(vcpu, struct vcpu_svm, vcpu); }
static __always_inline void vmload(unsigned long pa)
{
	svm_asm1(vmload, "a" (pa), "memory");
}
`,
  'arch/x86/kvm/vmx/vmx.h': `
struct vcpu_vmx { struct kvm_vcpu vcpu; unsigned long exit_qualification; };
#define ALL_BITS (X86_CR4_PAE | X86_CR4_VMXE)
#define SOME_BITS (ALL_BITS | X86_CR4_SMEP)
#define MIXED_BITS (X86_CR4_PAE | X86_CR0_PG)
static inline unsigned long get_exit_qual(struct vcpu_vmx *vmx)
{
	if (!kvm_register_is_available(&vmx->vcpu, VCPU_EXREG_EXIT_INFO_1)) {
		kvm_register_mark_available(&vmx->vcpu, VCPU_EXREG_EXIT_INFO_1);
		vmx->exit_qualification = vmcs_readl(EXIT_QUALIFICATION);
	}
	return vmx->exit_qualification;
}
`,
  [VMX]: `
void vmx_set_dr7(struct kvm_vcpu *vcpu, unsigned long val)
{
	vmcs_writel(GUEST_DR7, val);
}
static void sync(struct kvm_vcpu *vcpu)
{
	vmx_set_dr7(vcpu, vcpu->arch.dr7);
}
static int get_msr(struct kvm_vcpu *vcpu, struct msr_data *info)
{
	switch (info->index) {
	case MSR_IA32_SYSENTER_CS:
		info->data = vmcs_read32(GUEST_SYSENTER_CS);
		break;
	}
	return 0;
}
static int handle_debug(struct kvm_vcpu *vcpu, struct vcpu_vmx *vmx)
{
	unsigned long dr6;

	dr6 = get_exit_qual(vmx);
	queue_exception(vcpu, dr6);
	return 1;
}
static int handle_read(struct kvm_vcpu *vcpu, u32 info)
{
	unsigned long field;

	field = kvm_register_read_raw(vcpu, ((info >> 28) & 0xf));
	trace_field(field);
	return field_offset(field);
}
static void load_root(struct kvm_vcpu *vcpu, unsigned long root)
{
	unsigned long guest_cr3 = root;

	if (enable_ept)
		if (test_bit(VCPU_EXREG_CR3, (unsigned long *)&vcpu->arch.regs_avail))
			guest_cr3 = vcpu->arch.cr3;
	vmcs_writel(GUEST_CR3, guest_cr3);
}
static void enter_nested(struct vcpu_vmx *vmx)
{
	vmx->nested.pre_debugctl = vmcs_read64(GUEST_IA32_DEBUGCTL);
}
static void set_owned(struct kvm_vcpu *vcpu)
{
	vcpu->arch.cr4_guest_owned_bits &= ~SOME_BITS;
}
static unsigned long read_bits(struct kvm_vcpu *vcpu, unsigned long mask)
{
	unsigned long tmask = mask & ALL_BITS;

	if (tmask & MIXED_BITS)
		return 0;
	return vcpu->arch.cr4 & mask;
}
`,
  [SVM]: `
static void set_ghcb_bits(struct vcpu_svm *svm, u64 value)
{
	svm->vmcb->control.ghcb_gpa &= ~GHCB_MASK;
	svm->vmcb->control.ghcb_gpa |= value;
}
static void load_host(struct vcpu_svm *svm)
{
	vmload(svm->pa);
}
`,
  [X86]: `
static int set_dr(struct kvm_vcpu *vcpu, int dr, unsigned long val)
{
	switch (dr) {
	case 0 ... 3:
		vcpu->arch.db[dr] = val;
		break;
	default:
		vcpu->arch.dr7 = val;
	}
	return 0;
}
static int load(struct kvm_vcpu *vcpu, struct kvm_state *state, int nr)
{
	set_dr(vcpu, 7, state->dr7);
	return set_dr(vcpu, nr, kvm_rax_read(vcpu));
}
static void get_dr(struct kvm_vcpu *vcpu, int dr, unsigned long *val)
{
	switch (dr) {
	case 0 ... 3:
		*val = vcpu->arch.db[dr];
		break;
	default:
		*val = vcpu->arch.dr7;
	}
}
static void look(struct kvm_vcpu *vcpu)
{
	unsigned long dr7;

	get_dr(vcpu, 7, &dr7);
}
static void set_result(struct kvm_vcpu *vcpu, u64 result)
{
	kvm_rdx_write(vcpu, (result >> 32) & -1u);
	kvm_rax_write(vcpu, result & 0xffffffff);
}
`,
};

const model = modelOf(TREE);
const GHCB = "the guest's GHCB MSR: the GHCB's address, or a request by the MSR protocol and its answer";

describe('what a word says here', () => {
  it.each([
    [VMX, '\tvmx_set_dr7', 'vmx_set_dr7: DR7 given vcpu->arch.dr7 here · DR7 set in VMCS'],
    [
      X86,
      '\tset_dr',
      "set_dr: DR7 given state->dr7 here · writes DR7, of KVM's copies that the register enum does not list",
    ],
    [
      X86,
      'return set_dr',
      "set_dr: DR0-DR7, by number nr, given kvm_rax_read(vcpu) here · writes DR7, of KVM's copies that the register enum does not list",
    ],
    [X86, '\tget_dr', "get_dr: DR7 goes to dr7 here · reads DR7, of KVM's copies that the register enum does not list"],
    [
      X86,
      'vcpu, result',
      'result: a value, which the caller gives; written to vcpu->arch.regs[VCPU_REGS_RDX], vcpu->arch.regs[VCPU_REGS_RAX]',
    ],
    [
      VMX,
      'nested.pre_debugctl',
      "pre_debugctl: a value of the guest's DEBUGCTL that KVM keeps aside; the register enum does not list it; written here with vmcs_read64(GUEST_IA32_DEBUGCTL)",
    ],
    [
      VMX,
      'GUEST_SYSENTER_CS',
      "GUEST_SYSENTER_CS: the guest's SYSENTER_CS, which the register enum does not list, in the VMCS while the guest runs; read here to info->data, when MSR_IA32_SYSENTER_CS is read",
    ],
    [VMX, '\tdr6', 'dr6: a local variable, set to EXIT_INFO_1 by get_exit_qual'],
    // Not who only traces it.
    [
      VMX,
      '\tfield',
      'field: a local variable, set from a GPR of the register cache, by its number (info >> 28) & 0xf; handed to field_offset',
    ],
    [
      VMX,
      'GUEST_CR3, guest_cr3',
      'guest_cr3: a local variable, set from CR3 of the register cache, vcpu->arch.cr3; written to VMCS GUEST_CR3',
    ],
    [
      VMX,
      'GUEST_CR3',
      'GUEST_CR3: CR3 in the VMCS while the guest runs; written here from the register cache, vcpu->arch.cr3, if available and enable_ept',
    ],
    // Not the vCPU, which a call of the same place is given.
    [X86, 'load(struct kvm_vcpu *vcpu', ''],
    [VMX, '~SOME_BITS', 'SOME_BITS: bits of CR4: PAE VMXE SMEP; taken out of vcpu->arch.cr4_guest_owned_bits here'],
    [VMX, '(tmask', 'tmask: bits of CR4, at most PAE VMXE: mask & ALL_BITS'],
    [VMX, 'MIXED_BITS', ''],
    [SVM, 'set_ghcb_bits', `set_ghcb_bits: changes control.ghcb_gpa, ${GHCB}`],
    [
      SVM,
      '\tvmload',
      'vmload: loads from a VMCB what VMRUN does not: FS, GS, TR, LDTR, KERNEL_GS_BASE and the MSRs of SYSCALL and SYSENTER; here at svm->pa',
    ],
  ])('%s: %s', async (path, piece, said) => {
    expect(saidOf(await model, path, piece)).toBe(said);
  });
});

describe('who uses a mask', () => {
  it('is told with it', async () => {
    expect(hoverOf(await model, VMX, '~SOME_BITS')).toContain('Used by set_owned');
  });
});

import { describe, expect, it } from 'vitest';
import { modelOf } from '../engine.js';
import { CACHE } from '../facts/fixture.js';
import { hoverOf, saidOf } from './said.js';

const HOST = 'arch/x86/include/asm/kvm_host.h';
const SVM = 'arch/x86/kvm/svm/svm.c';
const NESTED = 'arch/x86/kvm/svm/nested.c';
const VMX_NESTED = 'arch/x86/kvm/vmx/nested.c';
const X86 = 'arch/x86/kvm/x86.c';

const TREE = {
  ...CACHE,
  [HOST]: (CACHE[HOST] ?? '').replace(
    'unsigned long cr3;',
    'unsigned long cr3; unsigned long cr2; unsigned long cr8; unsigned long dr6; unsigned long dr7; u64 efer; bool guest_state_protected;',
  ),
  'arch/x86/kvm/svm/svm.h': `
struct vmcb_save_area { u64 rax; u64 cr2; u64 dr6; u64 dr7; u64 efer; };
struct vmcb_control_area { u32 int_ctl; };
struct vmcb { struct vmcb_control_area control; struct vmcb_save_area save; };
struct vmcb_save_area_cached { u64 efer; u64 dr6; u64 dr7; };
struct svm_nested_state { struct vmcb_save_area_cached save; };
struct kvm_vmcb_info { struct vmcb *ptr; };
struct vcpu_svm { struct kvm_vcpu vcpu; struct vmcb *vmcb; struct kvm_vmcb_info vmcb02; struct svm_nested_state nested; };
static inline struct vcpu_svm *to_svm(struct kvm_vcpu *vcpu) { return container_of(vcpu, struct vcpu_svm, vcpu); }
`,
  [SVM]: `
static int svm_vcpu_run(struct kvm_vcpu *vcpu)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	svm->vmcb->save.cr2 = vcpu->arch.cr2;
	asm volatile("vmrun %%rax" : : "a" (svm->vmcb) : "memory");
	if (!sev_es_guest(vcpu->kvm))
		vcpu->arch.cr2 = svm->vmcb->save.cr2;
	vcpu->arch.regs[VCPU_REGS_RAX] = svm->vmcb->save.rax;
	return 0;
}
static struct kvm_x86_ops svm_x86_ops = { .vcpu_run = svm_vcpu_run, .set_efer = svm_set_efer };
int svm_set_efer(struct kvm_vcpu *vcpu, u64 efer)
{
	vcpu->arch.efer = efer;
	to_svm(vcpu)->vmcb->save.efer = efer;
	return 0;
}
static void migrate(struct kvm_vcpu *dst_vcpu, struct kvm_vcpu *src_vcpu)
{
	dst_vcpu->arch.guest_state_protected = true;
}
`,
  [NESTED]: `
static void copy_save(struct vmcb_save_area_cached *to, struct vmcb_save_area *from)
{
	to->efer = from->efer;
	to->dr6 = from->dr6;
}
static void prepare_vmcb02(struct kvm_vcpu *vcpu, struct vmcb *vmcb12)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	svm_set_efer(vcpu, svm->nested.save.efer);
	svm->vcpu.arch.cr2 = vmcb12->save.cr2;
	svm->vcpu.arch.dr6  = svm->nested.save.dr6 | DR6_ACTIVE_LOW;
}
static int set_state(struct kvm_vcpu *vcpu, struct kvm_nested_state *state, struct vmcb_save_area *save)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	if (is_smm(vcpu) && (state->flags & STATE_GUEST_MODE))
		return -EINVAL;
	if (!(state->flags & STATE_GUEST_MODE))
		return 0;
	copy_save(&svm->nested.save, save);
	return 0;
}
`,
  [VMX_NESTED]: `
static int vmx_get_state(struct kvm_vcpu *vcpu, struct kvm_nested_state *state)
{
	state->flags |= STATE_GUEST_MODE;
	return vmcs_readl(GUEST_DR7);
}
`,
  [X86]: `
int write_cr8(struct kvm_vcpu *vcpu, unsigned long cr8)
{
	if (lapic_in_kernel(vcpu))
		set_tpr(vcpu, cr8);
	else
		vcpu->arch.cr8 = cr8;
	return 0;
}
static void save_smram(struct kvm_vcpu *vcpu, struct kvm_smram_state_32 *smram)
{
	smram->dr7 = (u32)vcpu->arch.dr7;
}
static int enter(struct kvm_vcpu *vcpu)
{
	return kvm_x86_call(vcpu_run)(vcpu);
}
`,
};

const OF_CR2 = "cr2: KVM's copy of the guest's CR2, which the register enum does not list; ";
const model = modelOf(TREE);

describe("members of KVM's own that no enum lists", () => {
  it.each([
    [SVM, '= vcpu->arch.cr2', `${OF_CR2}read here to svm->vmcb->save.cr2, before VM-entry`],
    [
      SVM,
      'kvm))\n\t\tvcpu->arch.cr2',
      `${OF_CR2}written here with svm->vmcb->save.cr2, after VM-exit, if !sev_es_guest(vcpu->kvm)`,
    ],
    // Each side of an assignment is what it is.
    [NESTED, 'svm->vcpu.arch.cr2', `${OF_CR2}written here with vmcb12->save.cr2, at nested VM-entry`],
    [
      NESTED,
      'svm->vcpu.arch.dr6',
      "dr6: KVM's copy of the guest's DR6, which the register enum does not list; written here with svm->nested.save.dr6 | DR6_ACTIVE_LOW",
    ],
    [
      NESTED,
      'svm->nested.save.dr6',
      "dr6: L2's DR6 in KVM's copy of vmcb12's save area; read here, at nested VM-entry",
    ],
    [
      NESTED,
      'svm->nested.save.efer',
      "efer: L2's EFER in KVM's copy of vmcb12's save area; read here, handed to svm_set_efer, at nested VM-entry",
    ],
    [
      X86,
      'vcpu->arch.cr8',
      "cr8: KVM's copy of the guest's CR8, which the register enum does not list; written here with cr8, if !(lapic_in_kernel(vcpu))",
    ],
    [
      X86,
      '(u32)vcpu->arch.dr7',
      "dr7: KVM's copy of the guest's DR7, which the register enum does not list; read here to smram->dr7, for an SMI",
    ],
    [
      SVM,
      'dst_vcpu->arch.guest_state_protected',
      "guest_state_protected: set once the guest's registers are encrypted or kept by firmware (SEV-ES, TDX): from then on the register cache does not hold them; written here with true",
    ],
  ])('%s: %s', async (path, piece, said) => {
    expect(saidOf(await model, path, piece)).toBe(said);
  });
});

describe('a flag that several tests ask', () => {
  it('is told only where a test decides it', async () => {
    const [, ...notes] = hoverOf(await model, NESTED, '(state->flags & STATE_GUEST_MODE').split(' Where it is');
    expect(notes.map((note) => note.replace(/ \[.*/, ''))).toEqual([
      ' set: set_state calls copy_save(&svm->nested.save, save), EFER, DR6',
    ]);
  });
  it('is not told in the code of another vendor', async () => {
    expect(hoverOf(await model, VMX_NESTED, 'STATE_GUEST_MODE')).toBe('');
  });
});

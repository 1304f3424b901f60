import { describe, expect, it } from 'vitest';
import { modelOf } from '../engine.js';
import { CACHE } from '../facts/fixture.js';
import { saidOf } from './said.js';

const SVM = 'arch/x86/kvm/svm/svm.c';
const SMM = 'arch/x86/kvm/smm.c';
const EMULATOR = 'arch/x86/kvm/emulate.c';

const HEADERS = {
  'arch/x86/kvm/svm/svm.h': `
struct vmcb_seg { u16 selector; u64 base; };
struct vmcb_save_area { struct vmcb_seg cs; struct vmcb_seg gdtr; u64 rax; u64 rsp; u64 cr2; };
struct vmcb_control_area { u32 int_ctl; u64 exit_info_1; };
struct vmcb { struct vmcb_control_area control; struct vmcb_save_area save; };
struct kvm_vmcb_info { struct vmcb *ptr; };
struct vcpu_svm { struct kvm_vcpu vcpu; struct vmcb *vmcb; struct kvm_vmcb_info vmcb01; };
static inline struct vcpu_svm *to_svm(struct kvm_vcpu *vcpu) { return container_of(vcpu, struct vcpu_svm, vcpu); }
`,
  'arch/x86/kvm/smm.h': `
struct kvm_smram_state_64 { u64 gprs[16]; u64 rip; u64 cr3; struct desc idtr; };
`,
  'arch/x86/kvm/kvm_emulate.h': `
struct x86_emulate_ops { ulong (*get_cr)(struct x86_emulate_ctxt *ctxt, int cr); };
struct x86_emulate_ctxt { const struct x86_emulate_ops *ops; unsigned long _regs[16]; };
`,
};

const CODE = {
  [SVM]: `
void copy_state(struct vmcb_save_area *to, struct vmcb_save_area *from)
{
	to->cs = from->cs;
	to->rax = from->rax;
	to->rsp = from->rsp;
}
static void align(struct kvm_vcpu *vcpu)
{
	to_svm(vcpu)->vmcb->save.rsp &= ~7UL;
}
static void leave(struct kvm_vcpu *vcpu)
{
	struct vcpu_svm *svm = to_svm(vcpu);
	copy_state(&svm->vmcb01.ptr->save, map.hva + 0x400);
}
static void enter(struct kvm_vcpu *vcpu)
{
	struct vcpu_svm *svm = to_svm(vcpu);
	copy_state(map.hva + 0x400, &svm->vmcb01.ptr->save);
}
static void lapic_to_tpr(struct kvm_vcpu *vcpu)
{
	u64 cr8 = kvm_get_cr8(vcpu);
	to_svm(vcpu)->vmcb->control.int_ctl &= ~V_TPR_MASK;
	to_svm(vcpu)->vmcb->control.int_ctl |= cr8 & V_TPR_MASK;
}
static void set_gdt(struct kvm_vcpu *vcpu, struct desc_ptr *dt)
{
	to_svm(vcpu)->vmcb->save.gdtr.base = dt->address;
}
`,
  [SMM]: `
static void save_state_64(struct kvm_vcpu *vcpu, struct kvm_smram_state_64 *smram)
{
	int i;

	for (i = 0; i < 16; i++)
		smram->gprs[15 - i] = kvm_register_read_raw(vcpu, i);
	smram->cr3 = vcpu->arch.cr3;
	smram->idtr.base = dt.address;
}
static int load_state_64(struct kvm_vcpu *vcpu, const struct kvm_smram_state_64 *smstate)
{
	load_table(vcpu, &smstate->idtr);
	return enter_protected_mode(vcpu, smstate->rip, smstate->cr3);
}
`,
  'arch/x86/kvm/x86.c': `
static unsigned long emulator_get_cr(struct x86_emulate_ctxt *ctxt, int cr)
{
	switch (cr) {
	case 3:
		return ctxt->vcpu->arch.cr3;
	default:
		return 0;
	}
}
static const struct x86_emulate_ops emulate_ops = {
	.get_cr = emulator_get_cr,
};
`,
  [EMULATOR]: `
#define ONLY64(x) x
#define STEP(op, dst) asm(#op " %%" #dst "\\n")
#define STEPS(op) \\
	STEP(op##l, eax); \\
	ONLY64(STEP(op##q, rax);)
static int check(struct x86_emulate_ctxt *ctxt)
{
	u64 old = ctxt->ops->get_cr(ctxt, 3);

	return old == ctxt->ops->get_cr(ctxt, 7);
}
`,
};

const HOST = 'arch/x86/include/asm/kvm_host.h';
const WITH_SEGMENTS = {
  [HOST]: (CACHE[HOST] ?? '').replace('VCPU_EXREG_CR3,', 'VCPU_EXREG_CR3, VCPU_EXREG_SEGMENTS,'),
};

const model = modelOf({ ...CACHE, ...WITH_SEGMENTS, ...HEADERS, ...CODE });

describe('what is copied beside the register cache is told', () => {
  it.each([
    [SVM, 'void copy_state', 'copy_state: RAX RSP SEGMENTS from one save area to another'],
    [
      SVM,
      '\tcopy_state',
      'copy_state: here from map.hva + 0x400 to &svm->vmcb01.ptr->save · RAX RSP SEGMENTS from one save area to another',
    ],
    [SVM, 'void lapic_to_tpr', 'lapic_to_tpr: CR8 -> VMCB'],
    [
      SVM,
      'control.int_ctl',
      "int_ctl: controls of virtual interrupts in the VMCB; its bits V_TPR are the guest's CR8 while it runs; changed here with &= ~V_TPR_MASK",
    ],
    [SVM, 'save.rsp &=', 'rsp: RSP in the VMCB while the guest runs; changed here by ~7UL'],
    [
      SVM,
      'save.gdtr',
      "gdtr: the guest's GDTR, which the register enum does not list, in the VMCB while the guest runs; written here with dt->address, which the caller gives",
    ],
    [SMM, 'save_state_64', 'save_state_64: GPRs CR3 -> SMRAM for SMM'],
    [SMM, 'smram->idtr', "idtr: IDTR in SMRAM's state save map; written here with dt.address, for an SMI"],
    [SMM, 'int load_state_64', 'load_state_64: RIP CR3 read from SMRAM'],
    [SMM, '&smstate->idtr', "idtr: IDTR in SMRAM's state save map; its address is taken here, for load_table"],
    ['arch/x86/kvm/smm.h', 'u64 gprs', "gprs: GPRs in SMRAM's state save map"],
  ])('%s: %s', async (path, piece, said) => {
    expect(saidOf(await model, path, piece)).toBe(said);
  });
});

describe('a callback that chooses a register by its number', () => {
  it.each([
    ['u64 old', 'old: a local variable, set to CR3 by get_cr'],
    ['old = ctxt->ops->get_cr', 'get_cr: CR3 goes to old here · a callback of x86_emulate_ops, emulator_get_cr'],
    ['old == ctxt->ops->get_cr', 'get_cr: a callback of x86_emulate_ops, emulator_get_cr'],
  ])('%s', async (piece, said) => {
    expect(saidOf(await model, EMULATOR, piece)).toBe(said);
  });
});

describe("an operand of the kernel's own instruction is no guest register", () => {
  it.each([
    [
      'STEP(op##q, rax',
      "rax: hardware's, while KVM runs: an operand of the instruction that STEP makes; no guest register is there",
    ],
    ['\tONLY64', 'ONLY64: makes an instruction that KVM runs itself, with rax of hardware; no guest register is there'],
    ['#define ONLY64', ''],
  ])('%s', async (piece, said) => {
    expect(saidOf(await model, EMULATOR, piece)).toBe(said);
  });
});

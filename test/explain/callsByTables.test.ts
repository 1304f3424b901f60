import { describe, expect, it } from 'vitest';
import { modelOf } from '../engine.js';
import { CACHE, CODE } from '../facts/fixture.js';
import { saidOf } from './said.js';

const HOST = 'arch/x86/include/asm/kvm_host.h';
const VMX = 'arch/x86/kvm/vmx/vmx.c';
const SMM = 'arch/x86/kvm/smm.c';

const model = modelOf({
  ...CACHE,
  [HOST]: `${(CACHE[HOST] ?? '').replace('unsigned long cr3;', 'unsigned long cr3; u64 efer;')}
enum { VCPU_SREG_ES, VCPU_SREG_CS, VCPU_SREG_SS, VCPU_SREG_DS, VCPU_SREG_FS, VCPU_SREG_GS, VCPU_SREG_TR, VCPU_SREG_LDTR, };
struct kvm_x86_ops { void (*set_efer)(struct kvm_vcpu *vcpu, u64 efer); };
`,
  [VMX]: `
static void vmx_set_efer(struct kvm_vcpu *vcpu, u64 efer)
{
	vcpu->arch.efer = efer;
}
static void vmx_get_idt(struct kvm_vcpu *vcpu, struct desc_ptr *dt)
{
	dt->size = vmcs_read32(GUEST_IDTR_LIMIT);
}
static void save_idt(struct kvm_vcpu *vcpu, struct kvm_smram_state_64 *smram)
{
	vmx_get_idt(vcpu, &smram->idt);
}
static void give_idt(struct kvm_vcpu *vcpu, struct kvm_sregs *sregs)
{
	vmx_get_idt(vcpu, &sregs->idt);
}
struct kvm_x86_ops vmx_x86_ops = {
	.set_efer = vmx_set_efer,
};
`,
  [SMM]: `
struct kvm_smram_state_64 { u64 gprs[16]; u64 rip; };
#define CHECK_OFFSET(field, offset) ASSERT_OFFSET(struct kvm_smram_state_64, field, offset)
static void check(void)
{
	CHECK_OFFSET(rip, 0x78);
}
`,
  [CODE]: `
static int set_efer(struct kvm_vcpu *vcpu, u64 efer)
{
	return vcpu->arch.regs[VCPU_REGS_RAX] == efer;
}
static void set_all(struct kvm_vcpu *vcpu, int seg)
{
	kvm_x86_call(set_efer)(vcpu, 0);
	set_efer(vcpu, 1);
	if (seg == VCPU_SREG_CS)
		vcpu->segs[VCPU_SREG_DS] = load(vcpu, VCPU_SREG_ES);
	kvm_rax_read(vcpu);
}
`,
});

describe('what a word means where it stands', () => {
  it.each([
    [CODE, 'kvm_x86_call(set_efer', 'set_efer: EFER given 0 here · an operation of the vendor module, vmx_set_efer'],
    [CODE, '\tset_efer', 'set_efer: reads RAX'],
    [CODE, 'seg == VCPU_SREG_CS', 'CS: a segment register; its number, 1, compared here with seg'],
    [CODE, 'segs[VCPU_SREG_DS', 'DS: a segment register; its number, 3, picks its element of vcpu->segs'],
    [CODE, 'load(vcpu, VCPU_SREG_ES', 'ES: a segment register; its number, 0, handed to load'],
    [SMM, 'CHECK_OFFSET(rip', "rip: RIP in SMRAM's state save map"],
    [
      VMX,
      'vmcs_read32(GUEST_IDTR_LIMIT',
      "GUEST_IDTR_LIMIT: the guest's IDTR, which the register enum does not list, in the VMCS while the guest runs; read here to dt->size",
    ],
  ])('%s: %s', async (path, piece, said) => {
    expect(saidOf(await model, path, piece)).toBe(said);
  });
});

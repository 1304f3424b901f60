import { expect, it } from 'vitest';
import { modelOf } from '../engine.js';
import { CACHE } from '../facts/fixture.js';
import { saidOf } from './said.js';

const HOST = 'arch/x86/include/asm/kvm_host.h';
const VMX = 'arch/x86/kvm/vmx/vmx.c';
const SVM = 'arch/x86/kvm/svm/svm.c';
const MMU = 'arch/x86/kvm/mmu/mmu.c';

const TREE = {
  ...CACHE,
  [HOST]: (CACHE[HOST] ?? '').replace('VCPU_EXREG_CR3,', 'VCPU_EXREG_CR3, VCPU_EXREG_SEGMENTS,'),
  'arch/x86/kvm/vmx/vmx.h': `
struct vcpu_vmx { struct kvm_vcpu vcpu; struct { int vm86_active; struct kvm_segment segs[8]; } rmode; };
`,
  [VMX]: `
bool __read_mostly enable_ept = 1;
void vmx_get_segment(struct kvm_vcpu *vcpu, struct kvm_segment *var, int seg)
{
	if (to_vmx(vcpu)->rmode.vm86_active) {
		*var = to_vmx(vcpu)->rmode.segs[seg];
		return;
	}
	var->base = vmcs_readl(GUEST_CS_BASE);
}
static int address_of(struct kvm_vcpu *vcpu, u32 info)
{
	int seg_reg = (info >> 15) & 7;
	int count = 4;
	struct kvm_segment s;

	vmx_get_segment(vcpu, &s, seg_reg);
	return s.base + count;
}
static void vmx_load_pgd(struct kvm_vcpu *vcpu, unsigned long root, unsigned long identity)
{
	unsigned long value;

	if (enable_ept && !root)
		value = identity;
	else if (enable_ept)
		value = vcpu->arch.cr3;
	else
		value = root;
	vmcs_writel(GUEST_CR3, value);
}
static void vmx_cache_reg(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	switch (reg) {
	case VCPU_EXREG_CR3:
		if (enable_ept)
			vcpu->arch.cr3 = vmcs_readl(GUEST_CR3);
		break;
	default:
		break;
	}
}
static int vmx_setup(void)
{
	kvm_configure_mmu(enable_ept, 4);
	return 0;
}
static struct kvm_x86_ops vmx_x86_ops = { .cache_reg = vmx_cache_reg, .load_mmu_pgd = vmx_load_pgd };
`,
  [SVM]: `
struct vmcb_seg { u16 selector; u16 attrib; u32 limit; u64 base; };
static void init_seg(struct vmcb_seg *seg)
{
	seg->base = 0;
	seg->attrib = 3;
}
struct vmcb_control_area { u64 exit_info_1; };
struct vmcb { struct vmcb_control_area control; };
struct vcpu_svm { struct kvm_vcpu vcpu; struct vmcb *vmcb; };
static int efer_trap(struct kvm_vcpu *vcpu)
{
	return set_efer(vcpu, to_svm(vcpu)->vmcb->control.exit_info_1 & ~EFER_SVME);
}
`,
  [MMU]: `
bool tdp_enabled = false;
int tdp_level;
void kvm_configure_mmu(bool enable_tdp, int level)
{
	tdp_enabled = enable_tdp;
	tdp_level = level;
}
static inline int flush(struct kvm_vcpu *vcpu, bool tdp_enabled)
{
	return tdp_enabled;
}
void new_pgd(struct kvm_vcpu *vcpu, unsigned long new_pgd)
{
	tdp_level++;
}
int set_cr3(struct kvm_vcpu *vcpu, unsigned long cr3, unsigned long pgd)
{
	new_pgd(vcpu, cr3);
	new_pgd(vcpu, pgd);
	vcpu->arch.cr3 = cr3;
	return 0;
}
int new_roots(struct kvm_vcpu *vcpu)
{
	return tdp_enabled ? 0 : tdp_level;
}
`,
  'arch/x86/kvm/x86.c': `
static void get_sregs(struct kvm_vcpu *vcpu, struct kvm_sregs *sregs)
{
	kvm_get_segment(vcpu, &sregs->es, VCPU_SREG_ES);
}
static void set_sregs(struct kvm_vcpu *vcpu, struct kvm_sregs *sregs)
{
	vcpu->arch.cr3 = sregs->cr3;
}
`,
};

const KVMS = 'as KVM describes one, struct kvm_segment';

it.each([
  [
    VMX,
    'rmode.segs',
    'segment registers (of SEGMENTS) that KVM keeps aside, as it describes them, no part of the register cache',
  ],
  [
    VMX,
    '*var = to_vmx(vcpu)->rmode.segs',
    'segment registers (of SEGMENTS) that KVM keeps aside, as it describes them, no part of the register cache',
  ],
  [VMX, '\t\t*var', `a segment register (of SEGMENTS) ${KVMS}`],
  [VMX, '&s, seg_reg', 'the number of a segment register (of SEGMENTS), handed to vmx_get_segment'],
  [VMX, 'segs[seg', 'the number of a segment register (of SEGMENTS)'],
  [VMX, 's.base', `the base of a segment register (of SEGMENTS) ${KVMS}`],
  [SVM, 'seg->base', "the base of a segment register (of SEGMENTS) in a VMCB's save area; written here with 0"],
  [
    SVM,
    'seg->attrib',
    "the access rights of a segment register (of SEGMENTS) in a VMCB's save area; written here with 3",
  ],
])('%s %s', async (path, piece, expected) => {
  const known = await modelOf(TREE);
  const said = saidOf(known, path, piece);
  expect(said.replace(/^\w+: /, '').slice(0, expected.length)).toBe(expected);
});

it('what an exit tells is no register, and the value that a write trap brings', async () => {
  expect(saidOf(await modelOf(TREE), SVM, 'control.exit_info_1')).toMatch(
    /no guest register; of a write trap's, the value that/,
  );
});

it('a number that goes nowhere as such is none', async () => {
  expect(saidOf(await modelOf(TREE), VMX, 'int count')).toBe('');
});

it('a variable says what it is assigned where it stands, and what else it is set to', async () => {
  const known = await modelOf(TREE);
  expect(saidOf(known, VMX, '\t\tvalue')).toMatch(/here identity; in vmx_load_pgd, set from CR3 of the register cache/);
  expect(saidOf(known, VMX, 'else if (enable_ept)\n\t\tvalue')).not.toContain('here');
});

it('a name of common code for what a vendor tests says what hangs on that', async () => {
  const known = await modelOf(TREE);
  expect(saidOf(known, MMU, 'return tdp_enabled ?')).toBe(
    'tdp_enabled: enable_ept on VMX, by which it is decided how CR3 is moved',
  );
  expect(saidOf(known, MMU, ': tdp_level')).toBe('');
  expect(saidOf(known, MMU, 'return tdp_enabled;')).toBe(''); // a parameter of that name
});

it('a function that only gets a value of a register says so where it gets it', async () => {
  const known = await modelOf(TREE);
  expect(saidOf(known, MMU, '{\n\tnew_pgd(vcpu')).toBe('');
  expect(saidOf(known, MMU, '{\n\tnew_pgd')).toBe('new_pgd: gets a value of CR3 here, cr3');
  expect(saidOf(known, MMU, 'cr3);\n\tnew_pgd')).toBe('');
});

it('of an address that is taken, no direction is told', async () => {
  const known = await modelOf(TREE);
  expect(saidOf(known, 'arch/x86/kvm/x86.c', 'sregs->cr3')).toContain('KVM_SET_SREGS');
  expect(saidOf(known, 'arch/x86/kvm/x86.c', 'sregs->es')).toContain('KVM_GET_SREGS or KVM_SET_SREGS');
});

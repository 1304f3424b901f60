import { describe, expect, it } from 'vitest';
import { support } from './xsaveFixture.js';

const FP_YMM = ['yes', 'yes', 'no', 'no', 'no'];

describe('what guests may enable is computed', () => {
  it("from a local constant, an addition under a condition, and a local copy of the host's value", async () => {
    const { supported, conditions } = await support(`
void setup(void)
{
	const u64 KVM_SUPPORTED_XCR0 = XFEATURE_MASK_FP | XFEATURE_MASK_YMM;
	u64 host = kvm_host.xcr0;

	kvm_caps.supported_xcr0 = host & KVM_SUPPORTED_XCR0;
	if (IS_ENABLED(CONFIG_KVM_APX))
		kvm_caps.supported_xcr0 |= host & XFEATURE_MASK_APX;
}
`);
    expect(supported).toEqual(['yes', 'yes', 'no', 'no', 'conditional']);
    expect(conditions).toEqual(['setup: IS_ENABLED(CONFIG_KVM_APX)']);
  });

  it('from a local mask that is made in steps', async () => {
    const { supported, conditions } = await support(`
void setup(void)
{
	u64 mask = XFEATURE_MASK_FP;

	mask |= XFEATURE_MASK_YMM | XFEATURE_MASK_PKRU;
	if (cpu_feature_enabled(X86_FEATURE_APX))
		mask |= XFEATURE_MASK_APX;
	mask &= ~XFEATURE_MASK_PKRU;
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & mask;
}
`);
    expect(supported).toEqual(['yes', 'yes', 'no', 'no', 'conditional']);
    expect(conditions).toEqual(['setup: cpu_feature_enabled(X86_FEATURE_APX)']);
  });

  it('from bits that are set and cleared by their numbers, in the mask and in a local copy', async () => {
    const { supported } = await support(`
void setup(void)
{
	u64 mask = XFEATURE_MASK_FP | XFEATURE_MASK_YMM | XFEATURE_MASK_PKRU;

	__clear_bit(XFEATURE_PKRU, (unsigned long *)&mask);
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & mask;
	set_bit(XFEATURE_APX, (unsigned long *)&kvm_caps.supported_xcr0);
}
`);
    expect(supported).toEqual(['yes', 'yes', 'no', 'no', 'yes']);
  });

  it.each([
    ['in a local mask', 'u64 mask = BIT_ULL(XFEATURE_FP) | BIT_ULL(2) | BIT_ULL(XFEATURE_APX);', 'mask'],
    ['of a range', '', '(GENMASK_ULL(XFEATURE_YMM, 0) | BIT_U64(19))'],
    ['that are taken out', 'const u64 all = XFEATURE_MASK_USER_SUPPORTED;', 'all & ~GENMASK(XFEATURE_PKRU, 3)'],
    ['in a constant of the file', '', 'allowed'],
  ])('from bits by the macros of linux/bits.h, %s', async (_, before, mask) => {
    const { supported } = await support(`
static const u64 allowed = GENMASK_ULL(2, 0) | BIT_ULL(XFEATURE_APX);
void setup(void)
{
	${before}
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & ${mask};
}
`);
    expect(supported).toEqual(['yes', 'yes', 'no', 'no', 'yes']);
  });

  it('but not from a bit whose number only run time knows', async () => {
    const { supported } = await support(`
void setup(int bit)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & (XFEATURE_MASK_FP | XFEATURE_MASK_YMM);
	__set_bit(bit, (unsigned long *)&kvm_caps.supported_xcr0);
}
`);
    expect(supported).toEqual(['yes', 'yes', 'unknown', 'no', 'unknown']);
  });

  it('from helpers that are made of helpers, of which one names no component', async () => {
    const { supported, conditions } = await support(`
static u64 wide(void)
{
	return IS_ENABLED(CONFIG_KVM_APX) ? XFEATURE_MASK_APX : 0;
}
static u64 old(void)
{
	return XFEATURE_MASK_FP | XFEATURE_MASK_YMM;
}
static u64 all(void)
{
	return old() | wide();
}
void setup(void)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & all();
}
`);
    expect(supported).toEqual(['yes', 'yes', 'no', 'no', 'conditional']);
    expect(conditions).toEqual(['wide: IS_ENABLED(CONFIG_KVM_APX)']);
  });

  it('from ?: and from a constant outside functions', async () => {
    const { supported, conditions } = await support(`
static const u64 allowed = XFEATURE_MASK_FP | XFEATURE_MASK_YMM;
void setup(void)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & (has_apx ? allowed | XFEATURE_MASK_APX : allowed);
}
`);
    expect(supported).toEqual(['yes', 'yes', 'no', 'no', 'conditional']);
    expect(conditions).toEqual(['setup: has_apx']);
  });

  it('through a helper that returns a mask, early or late', async () => {
    const { supported, conditions } = await support(`
static u64 allowed(u64 host)
{
	if (!has_apx)
		return host & (XFEATURE_MASK_FP | XFEATURE_MASK_YMM);
	return host & (XFEATURE_MASK_FP | XFEATURE_MASK_YMM | XFEATURE_MASK_APX);
}
void setup(void)
{
	kvm_caps.supported_xcr0 = allowed(kvm_host.xcr0);
}
`);
    expect(supported).toEqual(['yes', 'yes', 'no', 'no', 'conditional']);
    expect(conditions).toEqual(['allowed: has_apx']);
  });

  it('through a helper that adds what it is given', async () => {
    const { supported } = await support(`
static void allow(u64 mask)
{
	kvm_caps.supported_xcr0 |= kvm_host.xcr0 & mask;
}
void setup(void)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & XFEATURE_MASK_FP;
	allow(XFEATURE_MASK_YMM);
	if (has_apx)
		allow(XFEATURE_MASK_APX);
}
`);
    expect(supported).toEqual(['yes', 'yes', 'no', 'no', 'conditional']);
  });

  it('as not known, never as no, where a helper is not shown', async () => {
    const { supported } = await support(`
void setup(void)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & (XFEATURE_MASK_FP | more_features());
}
`);
    expect(supported).toEqual(['yes', 'unknown', 'unknown', 'no', 'unknown']);
  });

  it('as no where an unknown mask only takes away, or what is known never has it', async () => {
    const { supported } = await support(`
void setup(void)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & (XFEATURE_MASK_FP | XFEATURE_MASK_YMM);
	kvm_caps.supported_xcr0 &= vendor_mask();
}
`);
    expect(supported).toEqual(['unknown', 'unknown', 'no', 'no', 'no']);
  });

  it('for each vendor module: SVM takes a bit out of it', async () => {
    const vendors = {
      'arch/x86/kvm/vmx/vmx.c':
        'void vmx_load(struct kvm_vcpu *vcpu)\n{\n\tvcpu->arch.regs[VCPU_REGS_RSP] = vmcs_readl(GUEST_RSP);\n}\n',
      'arch/x86/kvm/svm/svm.c': `
void svm_load(struct kvm_vcpu *vcpu)
{
	vcpu->arch.regs[VCPU_REGS_RSP] = svm->vmcb->save.rsp;
}
int svm_hardware_setup(void)
{
	kvm_caps.supported_xcr0 &= ~XFEATURE_MASK_APX;
	return 0;
}
`,
    };
    const { supported, byVendor, conditions } = await support(
      `
#define ALLOWED (XFEATURE_MASK_FP | XFEATURE_MASK_YMM | XFEATURE_MASK_APX)
void setup(void)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & ALLOWED;
}
`,
      vendors,
    );
    expect(supported).toEqual([...FP_YMM.slice(0, 4), 'conditional']);
    expect(byVendor).toEqual(['vmx yes', 'svm no']);
    expect(conditions).toEqual(['svm_hardware_setup: ']);
  });

  it("of what a file in a vendor's folder adds that names nothing else of that vendor's", async () => {
    const load = (from: string) =>
      `void load(struct kvm_vcpu *vcpu)\n{\n\tvcpu->arch.regs[VCPU_REGS_RSP] = ${from};\n}\n`;
    const { byVendor } = await support(
      'void setup(void)\n{\n\tkvm_caps.supported_xcr0 = kvm_host.xcr0 & XFEATURE_MASK_FP;\n}\n',
      {
        'arch/x86/kvm/vmx/vmx.c': load('vmcs_readl(GUEST_RSP)'),
        'arch/x86/kvm/svm/svm.c': load('svm->vmcb->save.rsp'),
        'arch/x86/kvm/vmx/main.c':
          'int vt_setup(void)\n{\n\tkvm_caps.supported_xcr0 |= kvm_host.xcr0 & XFEATURE_MASK_APX;\n\treturn 0;\n}\n',
      },
    );
    expect(byVendor).toEqual(['vmx yes', 'svm no']);
  });

  it('by what each vendor module gives common code', async () => {
    const { byVendor, conditions } = await support(
      `
void init_caps(u64 extra)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & (XFEATURE_MASK_FP | extra);
}
`,
      {
        'arch/x86/kvm/vmx/vmx.c':
          'void vmx_setup(struct kvm_vcpu *vcpu)\n{\n\tvcpu->arch.regs[VCPU_REGS_RSP] = vmcs_readl(GUEST_RSP);\n\tinit_caps(XFEATURE_MASK_APX);\n}\n',
        'arch/x86/kvm/svm/svm.c':
          'void svm_setup(struct kvm_vcpu *vcpu)\n{\n\tvcpu->arch.regs[VCPU_REGS_RSP] = svm->vmcb->save.rsp;\n\tinit_caps(0);\n}\n',
      },
    );
    expect(byVendor).toEqual(['vmx yes', 'svm no']);
    expect(conditions).toEqual(['init_caps: ']);
  });

  it('not by what only takes out, where what is put in is not known', async () => {
    const { supported } = await support(`
static const u64 table[] = { XFEATURE_MASK_FP, XFEATURE_MASK_APX };
void setup(void)
{
	int i;

	for (i = 0; i < 2; i++)
		kvm_caps.supported_xcr0 |= kvm_host.xcr0 & table[i];
}
void drop(void)
{
	kvm_caps.supported_xcr0 &= ~XFEATURE_MASK_APX;
}
`);
    expect(supported).toEqual(['unknown', 'unknown', 'unknown', 'no', 'no']);
  });

  it('where a mask is assigned what is left of itself', async () => {
    const { supported } = await support(`
void setup(void)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & (XFEATURE_MASK_FP | XFEATURE_MASK_YMM | XFEATURE_MASK_APX);
	kvm_caps.supported_xcr0 = kvm_caps.supported_xcr0 & ~(u64)XFEATURE_MASK_APX;
}
`);
    expect(supported).toEqual(FP_YMM);
  });

  it('where a condition chooses what is left, by what that takes out', async () => {
    const { supported, conditions } = await support(`
void setup(void)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & (XFEATURE_MASK_FP | XFEATURE_MASK_YMM | XFEATURE_MASK_APX);
	kvm_caps.supported_xcr0 &= IS_ENABLED(CONFIG_KVM_APX) ? ~0ULL : ~XFEATURE_MASK_APX;
}
`);
    expect(supported).toEqual(['yes', 'yes', 'no', 'no', 'conditional']);
    expect(conditions).toEqual(['setup: !(IS_ENABLED(CONFIG_KVM_APX))']);
  });

  it('not for a vendor module of which only a header is there', async () => {
    const { byVendor } = await support(
      'void setup(void)\n{\n\tkvm_caps.supported_xcr0 = kvm_host.xcr0 & XFEATURE_MASK_APX;\n}\n',
      {
        'arch/x86/kvm/vmx/vmx.c':
          'void vmx_load(struct kvm_vcpu *vcpu)\n{\n\tvcpu->arch.regs[VCPU_REGS_RSP] = vmcs_readl(GUEST_RSP);\n}\n',
        'arch/x86/kvm/svm/svm.h':
          'static inline void svm_load(struct kvm_vcpu *vcpu)\n{\n\tvcpu->arch.regs[VCPU_REGS_RSP] = svm->vmcb->save.rsp;\n}\n',
      },
    );
    expect(byVendor).toEqual(['vmx yes']);
  });

  it('not for the TDX module where only the host speaks with it', async () => {
    const { byVendor } = await support(
      'void setup(void)\n{\n\tkvm_caps.supported_xcr0 = kvm_host.xcr0 & XFEATURE_MASK_FP;\n}\n',
      {
        'arch/x86/kvm/vmx/vmx.c':
          'void vmx_load(struct kvm_vcpu *vcpu)\n{\n\tvcpu->arch.regs[VCPU_REGS_RSP] = vmcs_readl(GUEST_RSP);\n}\n',
        'arch/x86/virt/vmx/tdx/tdx.c':
          'u64 read_field(u64 field, u64 *data)\n{\n\tstruct tdx_module_args args = {};\n\n\targs.rdx = field;\n\t*data = args.r8;\n\treturn 0;\n}\n',
      },
    );
    expect(byVendor).toEqual(['vmx no']);
  });
});

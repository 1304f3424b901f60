import { describe, expect, it } from 'vitest';
import { maskLines } from '../../server/src/explain/xsave/gates.js';
import { support, TYPES, xsaveOf } from './xsaveFixture.js';

const BY_CONFIG = ['yes', 'no', 'no', 'no', 'conditional'];

describe('the configuration of the kernel is a condition', () => {
  it.each([
    ['of what a macro is defined as', '', 'OWN'],
    ['of what a macro in a macro is', '#define ALL (XFEATURE_MASK_FP | OWN)\n', 'ALL'],
  ])('%s', async (_, more, mask) => {
    const { supported, conditions } = await support(`
#ifdef CONFIG_KVM_APX
#define OWN XFEATURE_MASK_APX
#else
#define OWN 0
#endif
${more}
void setup(void)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & (XFEATURE_MASK_FP | ${mask});
}
`);
    expect(supported).toEqual(BY_CONFIG);
    expect(conditions).toEqual(['OWN: CONFIG_KVM_APX']);
  });

  it('of what a helper returns', async () => {
    const { supported, conditions } = await support(`
static u64 own(void)
{
#ifdef CONFIG_KVM_APX
	return XFEATURE_MASK_FP | XFEATURE_MASK_APX;
#else
	return XFEATURE_MASK_FP;
#endif
}
void setup(void)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & own();
}
`);
    expect(supported).toEqual(BY_CONFIG);
    expect(conditions).toEqual(['own: CONFIG_KVM_APX']);
  });

  it('and a constant that has two values is not known', async () => {
    const { supported } = await support(`
#ifdef CONFIG_KVM_APX
static const u64 own = XFEATURE_MASK_FP | XFEATURE_MASK_APX;
#else
static const u64 own = XFEATURE_MASK_FP;
#endif
void setup(void)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & own;
}
`);
    expect(supported).toEqual(['unknown', 'unknown', 'unknown', 'no', 'unknown']);
  });
});

it('a mask begins with what its definition gives it', async () => {
  const { supported } = await support(`
struct kvm_caps kvm_caps = {
	.supported_xcr0 = XFEATURE_MASK_FP | XFEATURE_MASK_APX,
	.supported_xss = 0,
};
void setup(void)
{
	kvm_caps.supported_xcr0 &= kvm_host.xcr0;
}
`);
  expect(supported).toEqual(['yes', 'no', 'no', 'no', 'yes']);
});

it('what is assigned under the conditions of the first assignment takes its place', async () => {
  const { supported } = await support(`
void setup(void)
{
	if (boot_cpu_has(X86_FEATURE_XSAVE)) {
		kvm_caps.supported_xcr0 = kvm_host.xcr0 & XFEATURE_MASK_USER_SUPPORTED;
		kvm_caps.supported_xcr0 = kvm_host.xcr0 & (XFEATURE_MASK_FP | XFEATURE_MASK_YMM);
	}
}
`);
  expect(supported).toEqual(['yes', 'yes', 'no', 'no', 'no']);
});

it('conditions in one another are told together', async () => {
  const { conditions } = await support(`
static u64 wide(void)
{
	return has_regs ? XFEATURE_MASK_APX : 0;
}
void setup(void)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & (XFEATURE_MASK_FP | (has_apx ? (has_rex2 ? XFEATURE_MASK_APX : 0) : 0));
	if (has_more)
		kvm_caps.supported_xcr0 |= kvm_host.xcr0 & wide();
}
`);
  expect(conditions).toEqual(['setup: has_apx && has_rex2', 'wide: has_more && has_regs']);
});

it('a helper takes out the bit of a number that it is given, where it is called', async () => {
  const { components, masks } = await xsaveOf(
    `
void take_out(int nr)
{
	kvm_caps.supported_xcr0 &= ~BIT_ULL(nr);
}
void setup(void)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & XFEATURE_MASK_USER_SUPPORTED;
	take_out(XFEATURE_APX);
}
`,
  );
  expect(components.map(({ supported }) => supported)).toEqual(['yes', 'yes', 'yes', 'no', 'no']);
  expect(masks[0]?.changes.map(({ line }) => line)).toEqual([9]);
});

describe('what one guest may have of the mask', () => {
  const init = 'void setup(void)\n{\n\tkvm_caps.supported_xcr0 = kvm_host.xcr0 & XFEATURE_MASK_USER_SUPPORTED;\n}\n';

  it('lacks what the code takes out', async () => {
    const { supported } = await support(`${init}
void after_cpuid(struct kvm_vcpu *vcpu, u64 cpuid)
{
	vcpu->arch.guest_supported_xcr0 = cpuid & kvm_caps.supported_xcr0 & ~XFEATURE_MASK_APX;
}
`);
    expect(supported).toEqual(['yes', 'yes', 'yes', 'no', 'no']);
  });

  it('or takes out under a condition', async () => {
    const { supported, conditions } = await support(`${init}
void after_cpuid(struct kvm_vcpu *vcpu, u64 cpuid)
{
	vcpu->arch.guest_supported_xcr0 = cpuid & kvm_caps.supported_xcr0;
	if (!guest_cpu_cap_has(vcpu, X86_FEATURE_APX))
		vcpu->arch.guest_supported_xcr0 &= ~XFEATURE_MASK_APX;
}
`);
    expect(supported).toEqual(['yes', 'yes', 'yes', 'no', 'conditional']);
    expect(conditions).toEqual(['after_cpuid: !guest_cpu_cap_has(vcpu, X86_FEATURE_APX)']);
  });

  it('and is not less for what userspace leaves out of CPUID', async () => {
    const { supported } = await support(`${init}
void after_cpuid(struct kvm_vcpu *vcpu, struct kvm_cpuid_entry2 *best)
{
	if (!best)
		vcpu->arch.guest_supported_xcr0 = 0;
	else
		vcpu->arch.guest_supported_xcr0 = (best->eax | ((u64)best->edx << 32)) & kvm_caps.supported_xcr0;
}
`);
    expect(supported).toEqual(['yes', 'yes', 'yes', 'no', 'yes']);
  });
});

it('supervisor components are no part of what is said of XCR0', async () => {
  const model = await xsaveOf(`
void setup(void)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & ~XFEATURE_MASK_YMM;
}
`);
  const [mask] = model.masks;
  expect(mask && maskLines(model, mask)[0]).toMatch(/^FP, PKRU, APX, of that/);
});

it('a component that the FPU core leaves off is none that guests may enable', async () => {
  const off = TYPES.replace(
    '(XFEATURE_MASK_FP | XFEATURE_MASK_YMM | XFEATURE_MASK_PKRU |',
    '(XFEATURE_MASK_FP | XFEATURE_MASK_PKRU |',
  );
  const code = `
void setup(void)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & (XFEATURE_MASK_FP | XFEATURE_MASK_YMM);
}
`;
  const { supported } = await support(code, { 'arch/x86/include/asm/fpu/types.h': off });
  expect(supported).toEqual(['yes', 'no', 'no', 'no', 'no']);
});

describe("conditions on the CPU's vendor are of the module that runs there", () => {
  const files = {
    'arch/x86/kvm/svm/vmenter.S': 'SYM_FUNC_START(__svm_run)\n\tvmrun %rax\n\tRET\nSYM_FUNC_END(__svm_run)\n',
    'arch/x86/kvm/svm/svm.c': 'static void svm_run(struct vcpu_svm *svm)\n{\n\t__svm_run(svm->vmcb->save.rax);\n}\n',
    'arch/x86/kvm/vmx/vmx.c': 'static void vmx_run(void)\n{\n\tvmcs_writel(GUEST_RSP, 0);\n\t__vmx_run();\n}\n',
  };
  it.each([
    ['a test', 'if (boot_cpu_data.x86_vendor == X86_VENDOR_INTEL)\n\t\tmask |= XFEATURE_MASK_APX;'],
    [
      'a test of the other',
      'if (boot_cpu_data.x86_vendor != X86_VENDOR_INTEL)\n\t\tgoto out;\n\tmask |= XFEATURE_MASK_APX;\nout:',
    ],
    ['a helper with a switch', 'mask |= of_vendor(boot_cpu_data.x86_vendor);'],
  ])('%s', async (_, statements) => {
    const { byVendor } = await support(
      `
static u64 of_vendor(int vendor)
{
	switch (vendor) {
	case X86_VENDOR_INTEL:
		return XFEATURE_MASK_APX;
	default:
		return 0;
	}
}
void setup(void)
{
	u64 mask = XFEATURE_MASK_FP;

	${statements}
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & mask;
}
`,
      files,
    );
    expect(byVendor).toEqual(['vmx conditional', 'svm no']);
  });
});

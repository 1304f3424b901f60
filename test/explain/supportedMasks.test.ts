import { expect, it } from 'vitest';
import { explainAt } from '../../server/src/explain/explainAt.js';
import { explanationText } from '../../server/src/explain/explanationText.js';
import { CODE } from '../facts/fixture.js';
import { modelWithXsave } from '../model/xsaveFixture.js';
import { saidOf } from './said.js';

const TREE = `
#define KVM_SUPPORTED_XCR0 (XFEATURE_MASK_FP | XFEATURE_MASK_YMM | XFEATURE_MASK_PKRU)
struct kvm_caps { u64 supported_xcr0; u64 supported_xss; };
void setup(void)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & KVM_SUPPORTED_XCR0;
	if (!boot_cpu_has(X86_FEATURE_PKU))
		kvm_caps.supported_xcr0 &= ~XFEATURE_MASK_PKRU;
	kvm_caps.supported_xss = 0;
}
int set_xcr0(struct kvm_vcpu *vcpu, u64 xcr0)
{
	if (xcr0 & ~kvm_caps.supported_xcr0)
		return 1;
	vcpu->arch.xcr0 = xcr0;
	return 0;
}
static inline u64 filtered_xcr0(void)
{
	u64 permitted = kvm_caps.supported_xcr0;

	permitted &= group_perm();
	return permitted;
}
u64 told(void)
{
	u64 whole = kvm_caps.supported_xss, asked = filtered_xcr0(), reset = kvm_caps.supported_xcr0;

	reset = 0;
	return whole | asked | reset;
}
u64 of_this_call(u64 wanted)
{
	u64 supported_xcr0 = wanted;

	return supported_xcr0;
}
`;

it.each([
  [
    'xcr0 & ~kvm_caps.supported_xcr0',
    'supported_xcr0: the bits of XCR0 that KVM lets guests set: FP, YMM; under conditions PKRU; tested here',
  ],
  ['kvm_caps.supported_xss', 'supported_xss: the bits of IA32_XSS that KVM lets guests set: none; written here with 0'],
  [
    'struct kvm_caps { u64 supported_xcr0',
    'supported_xcr0: the bits of XCR0 that KVM lets guests set: FP, YMM; under conditions PKRU',
  ],
  ['#define KVM_SUPPORTED_XCR0', 'KVM_SUPPORTED_XCR0: the bits of XCR0 that KVM can let guests set: FP, YMM, PKRU'],
  ['return supported_xcr0', ''],
  [
    'return permitted',
    'permitted: begins as kvm_caps.supported_xcr0, the bits of XCR0 that KVM lets guests set; may be changed in this function',
  ],
  ['return whole', 'whole: begins as kvm_caps.supported_xss, the bits of IA32_XSS that KVM lets guests set'],
  [
    'return whole | asked',
    'asked: begins as kvm_caps.supported_xcr0, the bits of XCR0 that KVM lets guests set, given by filtered_xcr0, which may change it',
  ],
  ['return whole | asked | reset', ''],
])('what guests may set in XCR0 and XSS: %s', async (piece, expected) => {
  expect(saidOf(await modelWithXsave(TREE), CODE, piece)).toBe(expected);
});

it('who fills such a mask and who asks it is told', async () => {
  const known = await modelWithXsave(TREE);
  const at = TREE.indexOf('kvm_caps.supported_xcr0') + 'kvm_caps.'.length;
  const found = explainAt(known, CODE, at);
  const said = found ? explanationText(found.explanation).replace(/\s+/g, ' ') : '';
  expect(said).toMatch(/Set by setup to what of KVM_SUPPORTED_XCR0 the host has enabled/);
  expect(said).toMatch(/PKRU taken out by setup if !boot_cpu_has\(X86_FEATURE_PKU\)/);
  expect(said).toMatch(/Read by set_xcr0/);
});

import { describe, expect, it } from 'vitest';
import { shownGuard } from '../../server/src/syntax/conditions/guard.js';
import { xsaveOf } from './xsaveFixture.js';

/** Whether guests may enable FP, YMM, PKRU, CET_USER and APX, and the conditions on APX. */
async function support(code: string) {
  const { components } = await xsaveOf(code);
  const apx = components.find(({ name }) => name === 'XFEATURE_APX');
  return {
    supported: components.map(({ supported }) => supported),
    conditions: apx?.conditions.map(({ guards }) => guards.map(shownGuard).join(' && ')) ?? [],
  };
}

const BASE = 'kvm_caps.supported_xcr0 = kvm_host.xcr0 & (XFEATURE_MASK_FP | XFEATURE_MASK_YMM);';
const APX_UNDER_CONDITION = { supported: ['yes', 'yes', 'no', 'no', 'conditional'], conditions: ['has_apx()'] };

describe('what guests may enable is computed through pointers and structs', () => {
  it.each([
    [
      'a local pointer',
      `void setup(void)
{
	u64 *mask = &kvm_caps.supported_xcr0;
	${BASE}
	if (has_apx())
		*mask |= kvm_host.xcr0 & XFEATURE_MASK_APX;
}`,
    ],
    [
      'a pointer that a helper is given',
      `static void add_apx(u64 *mask)
{
	if (has_apx())
		*mask |= XFEATURE_MASK_APX;
}
void setup(void)
{
	${BASE}
	add_apx(&kvm_caps.supported_xcr0);
}`,
    ],
    [
      'a pointer that is handed on, to a function that is given the bits',
      `static void add(u64 *mask, u64 bits)
{
	*mask |= bits;
}
static void extend(u64 *mask)
{
	if (has_apx())
		add(mask, XFEATURE_MASK_APX);
}
void setup(void)
{
	${BASE}
	extend(&kvm_caps.supported_xcr0);
}`,
    ],
    [
      'a local whose address a helper is given',
      `static void add_apx(u64 *mask)
{
	if (has_apx())
		*mask |= XFEATURE_MASK_APX;
}
void setup(void)
{
	u64 mask = XFEATURE_MASK_FP | XFEATURE_MASK_YMM;

	add_apx(&mask);
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & mask;
}`,
    ],
    [
      'a pointer to the struct of capabilities',
      `static void extend(struct kvm_caps *caps)
{
	if (has_apx())
		caps->supported_xcr0 |= XFEATURE_MASK_APX;
}
void setup(void)
{
	${BASE}
	extend(&kvm_caps);
}`,
    ],
    [
      'a local struct that is passed along',
      `static void apply(struct masks *masks)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & masks->xcr0;
}
void setup(void)
{
	struct masks masks;

	masks.xcr0 = XFEATURE_MASK_FP | XFEATURE_MASK_YMM;
	if (has_apx())
		masks.xcr0 |= XFEATURE_MASK_APX;
	apply(&masks);
}`,
    ],
    [
      'a local struct with an initial value, which another function extends',
      `static void extend(struct masks *masks)
{
	if (has_apx())
		masks->xcr0 |= XFEATURE_MASK_APX;
}
void setup(void)
{
	struct masks masks = { .xcr0 = XFEATURE_MASK_FP | XFEATURE_MASK_YMM };

	extend(&masks);
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & masks.xcr0;
}`,
    ],
    [
      'a function that leaves early',
      `static void extend(void)
{
	if (!has_apx())
		return;
	kvm_caps.supported_xcr0 |= XFEATURE_MASK_APX;
}
void setup(void)
{
	${BASE}
	extend();
}`,
    ],
  ])('%s', async (_, code) => {
    const { supported, conditions } = await support(code);
    expect(supported).toEqual(APX_UNDER_CONDITION.supported);
    expect(conditions.map((text) => text.replace('!(!has_apx())', 'has_apx()'))).toEqual(
      APX_UNDER_CONDITION.conditions,
    );
  });

  it.each([
    [
      'the address goes to a function that the tree does not show',
      `void setup(void)
{
	${BASE}
	filter_mask(&kvm_caps.supported_xcr0);
}`,
    ],
    [
      'the address of a local does',
      `void setup(void)
{
	u64 mask = XFEATURE_MASK_FP;

	filter_mask(&mask);
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & mask;
}`,
    ],
    [
      'a struct comes from elsewhere',
      `void setup(struct masks *masks)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & masks->xcr0;
}`,
    ],
  ])('is not known where %s', async (_, code) => {
    const { supported, conditions } = await support(code);
    // What may have been added is not told as added.
    expect(conditions).toEqual([]);
    expect(supported.filter((_one, i) => i !== 3)).toEqual(['unknown', 'unknown', 'unknown', 'unknown']);
  });

  it('a helper may take bits out by a pointer', async () => {
    const { supported } = await support(`static void drop(u64 *mask, u64 bits)
{
	*mask &= ~bits;
}
void setup(void)
{
	${BASE}
	drop(&kvm_caps.supported_xcr0, XFEATURE_MASK_YMM);
}`);
    expect(supported).toEqual(['yes', 'no', 'no', 'no', 'no']);
  });
});

describe('a component that the FPU core turns off is not enabled by it', () => {
  const support = async (code: string) => {
    const { components } = await xsaveOf('', { 'arch/x86/kernel/fpu/xstate.c': code });
    return components.find(({ name }) => name === 'XFEATURE_APX')?.fpu.support;
  };

  it.each([
    'xfeatures_mask_all &= ~XFEATURE_MASK_APX;',
    'fpu_kernel_cfg.max_features &= ~(XFEATURE_MASK_APX | XFEATURE_MASK_PKRU);',
    'fpu_kernel_cfg.max_features = fpu_kernel_cfg.max_features & ~XFEATURE_MASK_APX;',
    'fpu_kernel_cfg.max_features &= XFEATURE_MASK_FP | XFEATURE_MASK_YMM;',
    'u64 off = XFEATURE_MASK_APX;\n\tfpu_kernel_cfg.max_features &= ~off;',
    'fpu_kernel_cfg.max_features &= supported();',
    'take_out(&fpu_kernel_cfg.max_features, XFEATURE_MASK_APX);',
    'u64 *max = &fpu_kernel_cfg.max_features;\n\t*max &= ~XFEATURE_MASK_APX;',
    'if (!boot_cpu_has(X86_FEATURE_XSAVE))\n\t\treturn;\n\tfpu_kernel_cfg.max_features &= ~XFEATURE_MASK_APX;',
  ])('%s', async (line) => {
    const helpers = `static u64 supported(void)
{
	return XFEATURE_MASK_FP | XFEATURE_MASK_YMM;
}
static void take_out(u64 *max, u64 bits)
{
	*max &= ~bits;
}
`;
    expect(await support(`${helpers}void init(void)\n{\n\t${line}\n}\n`)).toBe('none');
  });

  it.each([
    'if (!cpu_feature_enabled(X86_FEATURE_XFD))\n\t\tfpu_kernel_cfg.max_features &= ~XFEATURE_MASK_APX;',
    'if (boot_cpu_has(X86_FEATURE_APX))\n\t\treturn;\n\tfpu_kernel_cfg.max_features &= ~XFEATURE_MASK_APX;',
    'fpu_kernel_cfg.max_features &= ~XFEATURE_MASK_PKRU;',
    'fpu_user_cfg.max_features &= ~XFEATURE_MASK_APX;',
  ])('but where %s', async (line) => {
    expect(await support(`void init(void)\n{\n\t${line}\n}\n`)).toBe('user');
  });

  it('but where the function that does it is called under a condition', async () => {
    const code = `static void disable(void)
{
	fpu_kernel_cfg.max_features &= ~XFEATURE_MASK_APX;
}
void init(void)
{
	if (has_no_apx())
		disable();
}
`;
    expect(await support(code)).toBe('user');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TRACKING_RULES } from '../../../server/src/check/tracking/trackingRules.js';
import { treeReading } from '../../../server/src/model/readTree.js';
import { parser } from '../../engine.js';
import { changed, changes } from '../../mutations.js';
import { checkedEdits, expectMarked, found, sampleTree, VMX } from './checked.js';

describe('the tracking rules', () => {
  it.each(TRACKING_RULES.map((rule) => [rule.id, rule] as const))('%s is documented', (id, rule) => {
    expect(id).toMatch(/^tracking\/[a-z]+(?:-[a-z]+)*$/);
    expect(rule.family).toBe('tracking');
    expect([rule.title, rule.why, ...rule.exemptions].filter((text) => !/^[A-Z][^]*\.$/.test(text))).toEqual([]);
    expect(rule.exemptions.length).toBeGreaterThan(0);
  });

  it('have an id each', () => {
    expect(new Set(TRACKING_RULES.map(({ id }) => id)).size).toBe(TRACKING_RULES.length);
  });
});

describe('a tree with random changes', () => {
  it('is checked without an error, and every finding is in a file of it', async () => {
    const { files, ...rest } = sampleTree();
    const read = treeReading(await parser());
    const paths = files.map(({ path }) => path);
    const change = fc.record({ path: fc.constantFrom(...paths), all: changes });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (some) => {
        const text = (file: { path: string; text: string }) =>
          some.reduce((before, { path, all }) => (path === file.path ? changed(before, all) : before), file.text);
        const model = read({ ...rest, files: files.map((file) => ({ path: file.path, text: text(file) })) });
        for (const { file, text: token, related } of found(model)) {
          expect(paths).toContain(file);
          expect(token).not.toBe('');
          expect(related.every((place) => !place.includes('undefined'))).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('a test of the wrong sense', () => {
  it('is one under which the register is fetched, copied or marked available', async () => {
    await expectMarked(`
static void wrong(struct kvm_vcpu *vcpu)
{
	if (kvm_register_is_available(vcpu, VCPU_REGS_RSP))
		/*!test-inverted*/kvm_x86_call(cache_reg)(vcpu, VCPU_REGS_RSP);
}
static unsigned long also_wrong(struct kvm_vcpu *vcpu)
{
	if (!(!kvm_register_is_available(vcpu, VCPU_REG_RFLAGS)))
		/*!test-inverted*/to_vmx(vcpu)->rflags = vmcs_readl(GUEST_RFLAGS);
	return to_vmx(vcpu)->rflags;
}
`);
    const segments = await checkedEdits([
      [/^u64 vmx_get_segment_base\(/, /!kvm_register_is_available/, 'kvm_register_is_available'],
    ]);
    expect(segments.map(({ rule, file, message }) => [rule, file, message])).toEqual([
      [
        'test-inverted',
        VMX,
        'SEGMENTS is marked available where it has been found available: the test has the wrong sense',
      ],
    ]);
  });

  it('is none of another register, nor of the dirty bit', () =>
    expectMarked(`
static void right(struct kvm_vcpu *vcpu)
{
	if (kvm_register_is_available(vcpu, VCPU_REG_RIP) && !kvm_register_is_available(vcpu, VCPU_REGS_RSP))
		kvm_x86_call(cache_reg)(vcpu, VCPU_REGS_RSP);
	if (kvm_register_is_dirty(vcpu, VCPU_REG_CR0))
		kvm_register_mark_available(vcpu, VCPU_REG_CR0);
}
`));
});

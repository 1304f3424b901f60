import { expect, it } from 'vitest';
import { modelOf } from '../engine.js';
import { CACHE, CODE } from '../facts/fixture.js';
import { saidOf } from './said.js';

const ACCESSORS = 'arch/x86/kvm/kvm_cache_regs.h';

const TREE = {
  ...CACHE,
  [ACCESSORS]: (CACHE[ACCESSORS] ?? '').concat(`
static inline u64 kvm_pdptr_read(struct kvm_vcpu *vcpu, int index)
{
	if (!kvm_register_is_available(vcpu, VCPU_EXREG_PDPTR))
		kvm_x86_call(cache_reg)(vcpu, VCPU_EXREG_PDPTR);
	return vcpu->arch.pdptrs[index];
}
`),
  [CODE]: `
int load(struct kvm_vcpu *vcpu, gfn_t gfn)
{
	u64 entries[4];

	if (kvm_vcpu_read_guest_page(vcpu, gfn, entries, 0, sizeof(entries)) < 0)
		return 0;
	memcpy(vcpu->arch.pdptrs, entries, sizeof(vcpu->arch.pdptrs));
	return 1;
}
bool changed(struct kvm_vcpu *vcpu, gfn_t gfn)
{
	u64 found[4];

	kvm_vcpu_read_guest_page(vcpu, gfn, found, 0, sizeof(found));
	return memcmp(found, vcpu->arch.pdptrs, sizeof(found)) != 0;
}
int roots(struct kvm_vcpu *vcpu)
{
	u64 entries[4], mask;
	int i;

	for (i = 0; i < 4; ++i)
		entries[i] = kvm_pdptr_read(vcpu, i);
	return use(entries, mask);
}
int other(struct kvm_vcpu *vcpu, gfn_t gfn)
{
	u64 words[4];

	return kvm_vcpu_read_guest_page(vcpu, gfn, words, 0, sizeof(words));
}
`,
};

it.each([
  [
    'u64 entries',
    "entries: a local array of values of the guest's PDPTR; filled from guest memory by kvm_vcpu_read_guest_page; copied to vcpu->arch.pdptrs",
  ],
  [
    'u64 found',
    "found: a local array of values of the guest's PDPTR; filled from guest memory by kvm_vcpu_read_guest_page; compared with vcpu->arch.pdptrs",
  ],
  ['return use(entries', "entries: a local array of values of the guest's PDPTR; filled by kvm_pdptr_read"],
  ['u64 words', ''],
])('a local array: %s', async (piece, expected) => {
  expect(saidOf(await modelOf(TREE), CODE, piece)).toBe(expected);
});

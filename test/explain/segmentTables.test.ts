import { expect, it } from 'vitest';
import { modelOf } from '../engine.js';
import { CACHE } from '../facts/fixture.js';
import { saidOf } from './said.js';

const HOST = 'arch/x86/include/asm/kvm_host.h';
const VMX = 'arch/x86/kvm/vmx/vmx.c';

const TREE = {
  ...CACHE,
  [HOST]: (CACHE[HOST] ?? '').replace('VCPU_EXREG_CR3,', 'VCPU_EXREG_CR3, VCPU_EXREG_SEGMENTS,'),
  [VMX]: `
static const struct segment_field {
	unsigned selector;
	unsigned base;
	unsigned limit;
	unsigned ar_bytes;
} vmx_segment_fields[] = {
	{ GUEST_ES_SELECTOR, GUEST_ES_BASE, GUEST_ES_LIMIT, GUEST_ES_AR_BYTES },
};
static const struct other_field {
	unsigned base;
	unsigned limit;
} other_fields[] = { { 1, 2 } };
static ulong base_of(struct vcpu_vmx *vmx, unsigned seg, unsigned more)
{
	return vmcs_readl(vmx_segment_fields[seg].base);
}
static ulong base_of_any(struct vcpu_vmx *vmx, int number, unsigned count)
{
	return base_of(vmx, number, other_fields[count].base);
}
`,
};

it.each([
  [
    'vmcs_readl(vmx_segment_fields',
    'vmx_segment_fields: for each segment register (of SEGMENTS) the fields of the VMCS that have its selector, base, limit and access rights',
  ],
  ['unsigned seg', 'seg: the number of a segment register (of SEGMENTS)'],
  ['int number', 'number: the number of a segment register (of SEGMENTS), handed to base_of'],
  [
    'fields[seg].base',
    'base: base of a segment register (of SEGMENTS) in the VMCS while the guest runs; returned here',
  ],
  ['unsigned more', ''],
  ['unsigned count', ''],
  ['} other_fields', ''],
])("the table of segments' fields: %s", async (piece, expected) => {
  expect(saidOf(await modelOf(TREE), VMX, piece)).toBe(expected);
});

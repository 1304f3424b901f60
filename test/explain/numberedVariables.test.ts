import { expect, it } from 'vitest';
import { modelOf } from '../engine.js';
import { CACHE, CODE } from '../facts/fixture.js';
import { saidOf } from './said.js';

const TREE = {
  ...CACHE,
  [CODE]: `
int handle(struct kvm_vcpu *vcpu, u32 info, int nr)
{
	unsigned long field, other;

	field = kvm_register_read_raw(vcpu, (((info) >> 28) & 0xf));
	other = kvm_register_read_raw(vcpu, nr);
	return use(field, other);
}
`,
};

it.each([
  [
    'return use(field',
    'field: a local variable, set from a GPR of the register cache, by its number (info >> 28) & 0xf; handed to use',
  ],
  [
    'return use(field, other',
    'other: a local variable, set from the register cache, vcpu->arch.regs[nr]; handed to use',
  ],
])('a variable from a slot that only run time knows: %s', async (piece, expected) => {
  expect(saidOf(await modelOf(TREE), CODE, piece)).toBe(expected);
});

import { expect, it } from 'vitest';
import { decodersOf } from '../../server/src/model/query/decoders.js';
import { registers } from '../check/apx/fixture.js';
import { modelOf } from '../engine.js';
import { CODE } from '../facts/fixture.js';

it("functions that return a register's number decode it, and macros by which one is cut out", async () => {
  const model = await modelOf({
    ...registers(),
    [CODE]: `
#define ACCESS_REG(q) (((q) >> 8) & 0xf)
#define REG_MASK 0x0F
#define TYPE_MASK 0x0F
#define WIDE_REG(q) (((q) >> 8) & 0x1f)
#define WIDE_MASK 0x1F
static int base_reg(u64 info)
{
	return (info >> 23) & 0x1f;
}
static int code(struct kvm_vcpu *vcpu, unsigned long q, u64 info)
{
	int type = info & TYPE_MASK;

	kvm_register_write(vcpu, ACCESS_REG(q), kvm_register_read(vcpu, info & REG_MASK));
	kvm_inv(vcpu, kvm_register_read(vcpu, is_wide(vcpu) ? (q >> 8) & WIDE_MASK : (q >> 8) & REG_MASK));
	return type + kvm_register_read(vcpu, WIDE_REG(q)) + kvm_register_read(vcpu, base_reg(info));
}
`,
  });
  const told = decodersOf(model).map(({ name, kind, widths }) => [name, kind, ...widths.map(({ bits }) => bits)]);
  expect(told).toEqual([
    ['base_reg', 'function', 5],
    ['ACCESS_REG', 'macro', 4],
    ['REG_MASK', 'macro', 4],
    ['WIDE_MASK', 'macro', 5],
    ['WIDE_REG', 'macro', 5],
  ]);
});

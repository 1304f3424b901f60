import { expect, it } from 'vitest';
import { narrowShift } from '../../../server/src/check/apx/narrowShift.js';
import { modelOf } from '../../engine.js';
import { CODE } from '../../facts/fixture.js';
import { expectMarks, registers } from './fixture.js';

it('finds an int shifted by numbers that R16-R31 move, once for each expression', () =>
  expectMarks(`
#define LAZY_SET ((1 << VCPU_REGS_RSP) | \\
		  (1 << VCPU_REG_RIP) | /* apx/narrow-shift: VCPU_REG_RIP */ \\
		  (1 << VCPU_REG_CR3))
#define ONE (1U << VCPU_REG_CR3) /* apx/narrow-shift: VCPU_REG_CR3 */

static void code(struct kvm_vcpu *vcpu)
{
	clear(vcpu, 1 << VCPU_REG_CR3); /* apx/narrow-shift: VCPU_REG_CR3 */
	clear(vcpu, 1 << VCPU_REG_CR3 | 1 << VCPU_REG_RIP); /* apx/narrow-shift: VCPU_REG_CR3 */
}
`));

it('leaves longs alone, and numbers of GPRs, which stay', () =>
  expectMarks(`
#define LAZY_SET (BIT(VCPU_REG_RIP) | BIT_ULL(VCPU_REG_CR3) | 1UL << VCPU_REG_CR3 | (1ULL << VCPU_REG_RIP))
#define GPRS (1 << VCPU_REGS_RSP | 1 << VCPU_REGS_R15)
`));

it('finds the shift that an enum with R16-R31 makes wrong now', () =>
  expectMarks('#define LAZY_SET (1 << VCPU_REG_RIP) /* apx/narrow-shift: VCPU_REG_RIP */\n', registers(31)));

it.each([
  ['u16', 'GPR in regs_avail, which has 16: none for R16-R31'],
  ['u32', 'register in regs_avail, which has 32: with R16-R31 none for RIP, CR3'],
])('says which registers have no bit in a mask that is %s', async (type, words) => {
  const tree = Object.fromEntries(
    Object.entries(registers()).map(([path, text]) => [
      path,
      text.replace('DECLARE_BITMAP(regs_avail, NR_ALL_REGS)', `${type} regs_avail`),
    ]),
  );
  const code = `
static unsigned long code(struct kvm_vcpu *vcpu, int reg)
{
	__set_bit(reg, (unsigned long *)&vcpu->arch.regs_avail);
	return kvm_register_read(vcpu, reg);
}
`;
  const messages = narrowShift.find(await modelOf({ ...tree, [CODE]: code })).map(({ message }) => message);
  expect(messages).toEqual([`\`__set_bit(reg, (unsigned long *)&vcpu->arch.regs_avail)\` is the bit of a ${words}`]);
});

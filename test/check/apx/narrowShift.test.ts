import { it } from 'vitest';
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

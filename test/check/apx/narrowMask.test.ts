import { it } from 'vitest';
import { emulator } from './emulator.js';
import { expectMarks, registers } from './fixture.js';

const HOST = 'arch/x86/include/asm/kvm_host.h';

it('takes 32 bits for enough for the emulator', async () => {
  await expectMarks({}, { ...registers(), ...emulator('u32', '32') });
  await expectMarks({}, { ...registers(), ...emulator('unsigned long', '32') });
});

it("finds the emulator's masks of 16 bits, and the bits of them", () =>
  expectMarks({
    'arch/x86/kvm/kvm_emulate.h': `
struct x86_emulate_ctxt {
	u16 regs_valid, /* apx/narrow-mask: regs_valid */
	    regs_dirty; /* apx/narrow-mask: regs_dirty */
	u16 prefixes;
	unsigned long _regs[32];
};
static inline unsigned long *reg_write(struct x86_emulate_ctxt *ctxt, unsigned int nr)
{
	ctxt->prefixes |= 1 << 3;
	ctxt->regs_dirty |= BIT(nr); /* apx/narrow-shift: BIT(nr) */
	if (!(ctxt->regs_valid & (1 << nr))) /* apx/narrow-shift: 1 << nr */
		ctxt->regs_valid &= ~(1U << nr); /* apx/narrow-shift: 1U << nr */
	return &ctxt->_regs[nr];
}
`,
  }));

it('finds a variable that is a mask, and bit operations on one', () =>
  expectMarks(`
static u16 seen; /* apx/narrow-mask: seen */

static int code(struct kvm_vcpu *vcpu, int reg, int other)
{
	u16 mask = 0, flags; /* apx/narrow-mask: mask */
	u32 wide;

	mask |= 1 << reg; /* apx/narrow-shift: 1 << reg */
	wide |= 1 << reg;
	flags |= 1 << other;
	__set_bit(reg, (unsigned long *)&seen); /* apx/narrow-shift: __set_bit(reg, (unsigned long *)&seen) */
	return kvm_register_read(vcpu, reg);
}
`));

it('finds masks of the register cache that the enum outgrows with R16-R31', () =>
  expectMarks({
    [HOST]: (registers()[HOST] ?? '').replace(
      'DECLARE_BITMAP(regs_avail, NR_ALL_REGS);',
      'u32 regs_avail; /* apx/narrow-mask: regs_avail */\n\tu64 regs_dirty;',
    ),
  }));

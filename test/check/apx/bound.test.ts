import { it } from 'vitest';
import { emulator } from './emulator.js';
import { expectMarks, registers } from './fixture.js';

it('finds checks, masks and loops that end at the sixteenth register', () =>
  expectMarks(`
static int code(struct kvm_vcpu *vcpu, int reg, int other)
{
	int i;

	if (WARN_ON_ONCE((unsigned int)reg >= NR_GPRS)) /* apx/bound: NR_GPRS */
		return 0;
	if (reg > 15 || 16 <= reg || reg < 16) /* apx/bound: 15 */ /* apx/bound: 16 */ /* apx/bound: 16 */
		reg &= 15; /* apx/bound: 15 */
	for (i = 0; i < 16; i++) /* apx/bound: 16 */
		kvm_register_write(vcpu, i, 0);
	for (i = VCPU_REGS_RAX; i <= VCPU_REGS_R15; i++) /* apx/bound: VCPU_REGS_R15 */
		kvm_register_write(vcpu, i, 0);
	return kvm_register_read(vcpu, reg);
}
`));

it('leaves other limits alone, and loops in which no register is used', () =>
  expectMarks(`
static int code(struct kvm_vcpu *vcpu, int reg, int cr)
{
	int i;

	if (cr >= 16 || reg >= 32 || reg == 16 || reg != 15)
		return 0;
	for (i = 0; i < 8; i++)
		kvm_register_write(vcpu, i, 0);
	for (i = 0; i < 16; i++)
		vcpu->arch.others[i] = 0;
	while (reg <= VCPU_REGS_RDI)
		reg++;
	return kvm_register_read(vcpu, reg);
}
`));

it('finds the limit of a loop macro', () =>
  expectMarks(
    `
static void writeback(struct x86_emulate_ctxt *ctxt)
{
	unsigned long dirty = ctxt->regs_dirty;
	unsigned int reg, bit;

	for_each_set_bit(reg, &dirty, 16) /* apx/bound: 16 */
		ctxt->ops->write_gpr(ctxt, reg, ctxt->_regs[reg]);
	for_each_set_bit(reg, (unsigned long *)&ctxt->regs_dirty, 32)
		ctxt->ops->write_gpr(ctxt, reg, ctxt->_regs[reg]);
	for_each_set_bit(bit, &dirty, 16)
		clear(ctxt, bit);
}
`,
    { ...registers(), ...emulator('u32', '32') },
  ));

it('leaves a limit alone that has grown with the enum', () =>
  expectMarks(
    `
static int code(struct kvm_vcpu *vcpu, int reg)
{
	return reg >= NR_GPRS ? 0 : kvm_register_read(vcpu, reg);
}
`,
    registers(31),
  ));

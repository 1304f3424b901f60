import { it } from 'vitest';
import { expectMarks, registers } from './fixture.js';

// As Linux 4.15 has it: no count of the emulator's registers, SMRAM by offsets, decoding in vmx.c itself.
it('finds the places of an older tree', () =>
  expectMarks(
    {
      'arch/x86/include/asm/kvm_emulate.h': `
struct x86_emulate_ctxt {
	u8 b;
	u8 rex_prefix;
	u8 modrm;
	u8 modrm_reg;
	u32 regs_valid;
	u32 regs_dirty;
	unsigned long _regs[NR_GPRS]; /* apx/fixed-array: _regs */
};
`,
      'arch/x86/kvm/emulate.c': `
static ulong reg_read(struct x86_emulate_ctxt *ctxt, unsigned nr)
{
	if (!(ctxt->regs_valid & (1 << nr))) {
		ctxt->regs_valid |= 1 << nr;
		ctxt->_regs[nr] = ctxt->ops->read_gpr(ctxt, nr);
	}
	return ctxt->_regs[nr];
}

static ulong *reg_write(struct x86_emulate_ctxt *ctxt, unsigned nr)
{
	ctxt->regs_valid |= 1 << nr;
	ctxt->regs_dirty |= 1 << nr;
	return &ctxt->_regs[nr];
}

static void writeback_registers(struct x86_emulate_ctxt *ctxt)
{
	unsigned reg;

	for_each_set_bit(reg, (ulong *)&ctxt->regs_dirty, 16) /* apx/bound: 16 */
		ctxt->ops->write_gpr(ctxt, reg, ctxt->_regs[reg]);
}

static int rsm_load_state_64(struct x86_emulate_ctxt *ctxt, u64 smbase)
{
	int i;

	for (i = 0; i < 16; i++) /* apx/bound: 16 */
		*reg_write(ctxt, i) = GET_SMSTATE(u64, smbase, 0x7ff8 - i * 8);
	return 0;
}

static void decode_register_operand(struct x86_emulate_ctxt *ctxt, struct operand *op)
{
	unsigned reg = ctxt->modrm_reg;

	if (!(ctxt->d & ModRM))
		reg = (ctxt->b & 7) | ((ctxt->rex_prefix & 1) << 3); /* apx/decoder: (ctxt->rex_prefix & 1) << 3 */
	op->val = reg_read(ctxt, reg);
}
`,
      'arch/x86/kvm/vmx.c': `
static int handle_vmread(struct kvm_vcpu *vcpu)
{
	u32 vmx_instruction_info = vmcs_read32(VMX_INSTRUCTION_INFO);
	unsigned long field;

	field = kvm_register_readl(vcpu, (((vmx_instruction_info) >> 28) & 0xf)); /* apx/narrow-index: ((vmx_instruction_info) >> 28) & 0xf */
	return field;
}
static unsigned long kvm_register_readl(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	unsigned long val = kvm_register_read(vcpu, reg);

	return is_64_bit_mode(vcpu) ? val : (u32)val;
}
`,
      'arch/x86/kvm/svm.c': `
static void fill(struct kvm_vcpu *vcpu)
{
	vcpu->arch.regs_avail &= ~(1 << VCPU_REG_RIP); /* apx/narrow-shift: VCPU_REG_RIP */
}
`,
    },
    registers(),
  ));

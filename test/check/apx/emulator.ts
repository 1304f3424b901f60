/** An emulator's copy of the registers with masks of a type, `count` slots and a check that ends at `limit`. */
export function emulator(type: string, count: string, limit = ''): Readonly<Record<string, string>> {
  return {
    'arch/x86/kvm/kvm_emulate.h': `
struct x86_emulate_ctxt {
	u8 b;
	u8 rex_bits;
	u8 modrm;
	u8 modrm_reg;
	u8 modrm_rm;
	${type} regs_valid;
	${type} regs_dirty;
	unsigned long _regs[${count}];
};
static inline unsigned long reg_read(struct x86_emulate_ctxt *ctxt, unsigned int nr)
{
	${limit}
	if (!(ctxt->regs_valid & (1 << nr))) {
		ctxt->regs_valid |= 1 << nr;
		ctxt->_regs[nr] = ctxt->ops->read_gpr(ctxt, nr);
	}
	return ctxt->_regs[nr];
}
static inline unsigned long *reg_write(struct x86_emulate_ctxt *ctxt, unsigned int nr)
{
	ctxt->regs_dirty |= BIT(nr);
	return &ctxt->_regs[nr];
}
`,
  };
}

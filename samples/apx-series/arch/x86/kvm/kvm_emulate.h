/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef _ASM_X86_KVM_X86_EMULATE_H
#define _ASM_X86_KVM_X86_EMULATE_H

#ifdef CONFIG_KVM_APX
#define NR_EMULATOR_GPRS 32
#elif defined(CONFIG_X86_64)
#define NR_EMULATOR_GPRS 16
#else
#define NR_EMULATOR_GPRS 8
#endif

struct x86_emulate_ctxt;

struct x86_emulate_ops {
	unsigned long (*read_gpr)(struct x86_emulate_ctxt *ctxt, unsigned reg);
	void (*write_gpr)(struct x86_emulate_ctxt *ctxt, unsigned reg, unsigned long val);
	int (*get_xcr)(struct x86_emulate_ctxt *ctxt, u32 index, u64 *xcr);
};

struct x86_emulate_ctxt {
	void *vcpu;
	const struct x86_emulate_ops *ops;
	unsigned long _eip;
	u8 rex_bits;
	u8 modrm;
	u32 regs_valid;
	u32 regs_dirty;
	unsigned long _regs[NR_EMULATOR_GPRS];
};

static inline unsigned long reg_read(struct x86_emulate_ctxt *ctxt, unsigned nr)
{
	if (!(ctxt->regs_valid & BIT(nr))) {
		ctxt->regs_valid |= BIT(nr);
		ctxt->_regs[nr] = ctxt->ops->read_gpr(ctxt, nr);
	}
	return ctxt->_regs[nr];
}

static inline unsigned long *reg_write(struct x86_emulate_ctxt *ctxt, unsigned nr)
{
	ctxt->regs_valid |= BIT(nr);
	ctxt->regs_dirty |= BIT(nr);
	return &ctxt->_regs[nr];
}

static inline unsigned long *reg_rmw(struct x86_emulate_ctxt *ctxt, unsigned nr)
{
	reg_read(ctxt, nr);
	return reg_write(ctxt, nr);
}

int x86_decode_insn(struct x86_emulate_ctxt *ctxt);

#endif

/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include "regs.h"
#include "kvm_emulate.h"

/* One bit of a register's number each; in REX2's payload four bits above, the next bit of the same number. */
enum rex_bits {
	REX_B = 1,
	REX_X = 2,
	REX_R = 4,
	REX_W = 8,
	REX_M = 0x80,
};

static __always_inline int rex_get_rxb(u8 rex, u8 fld)
{
	rex >>= ffs(fld) - 1;
	return (rex & 1 ? 8 : 0) | (rex & 0x10 ? 16 : 0);
}

static void writeback_registers(struct x86_emulate_ctxt *ctxt)
{
	unsigned long dirty = ctxt->regs_dirty;
	unsigned reg;

	for_each_set_bit(reg, &dirty, NR_EMULATOR_GPRS)
		ctxt->ops->write_gpr(ctxt, reg, ctxt->_regs[reg]);
}

static int em_push(struct x86_emulate_ctxt *ctxt, int bytes)
{
	*reg_rmw(ctxt, VCPU_REGS_RSP) -= bytes;
	               //^^^^^^^^^^^ ref VCPU_REGS_RSP readwrite
	return 0;
}

static int em_syscall(struct x86_emulate_ctxt *ctxt)
{
	*reg_write(ctxt, VCPU_REGS_RCX) = ctxt->_eip;
	                 //^^^^^^^^^^^ ref VCPU_REGS_RCX write
	return 0;
}

static int em_xlat(struct x86_emulate_ctxt *ctxt)
{
	unsigned long address = reg_read(ctxt, VCPU_REGS_RBX) + (u8)reg_read(ctxt, VCPU_REGS_RAX);
	                                       //^^^^^^^^^^^ ref VCPU_REGS_RBX read

	return emulator_load_byte(ctxt, address, reg_write(ctxt, VCPU_REGS_RAX));
}

static int em_inc(struct x86_emulate_ctxt *ctxt)
{
	int reg = (ctxt->modrm & 7) | rex_get_rxb(ctxt->rex_bits, REX_B);

	*reg_rmw(ctxt, reg) += 1;
	               //^ ref null readwrite
	return 0;
}

static bool emul_egpr_enabled(struct x86_emulate_ctxt *ctxt)
{
	u64 xcr;

	return !ctxt->ops->get_xcr(ctxt, XCR_XFEATURE_ENABLED_MASK, &xcr) && (xcr & XFEATURE_MASK_APX);
}

int x86_decode_insn(struct x86_emulate_ctxt *ctxt)
{
	u8 b;

	for (;;) {
		b = insn_fetch(u8, ctxt);
		switch (b) {
		case 0x40 ... 0x4f:
			ctxt->rex_bits = b & 0xf;
			continue;
		case 0xd5:
			if (!emul_egpr_enabled(ctxt))
				return X86EMUL_UNHANDLEABLE;
			ctxt->rex_bits = insn_fetch(u8, ctxt);
			continue;
		}
		break;
	}
	ctxt->modrm = insn_fetch(u8, ctxt);
	return x86_emulate_insn(ctxt, b);
}

int x86_emulate_insn(struct x86_emulate_ctxt *ctxt, u8 opcode)
{
	int r;

	ctxt->regs_valid = 0;
	ctxt->regs_dirty = 0;
	switch (opcode) {
	case 0x05:
		r = em_syscall(ctxt);
		break;
	case 0x50:
		r = em_push(ctxt, 8);
		break;
	case 0xd7:
		r = em_xlat(ctxt);
		break;
	default:
		r = em_inc(ctxt);
	}
	writeback_registers(ctxt);
	return r;
}

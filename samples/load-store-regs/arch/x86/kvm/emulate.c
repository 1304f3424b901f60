/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include "regs.h"
#include "kvm_emulate.h"

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
	int reg = (ctxt->modrm & 7) | (ctxt->rex_prefix << 3 & 8);

	*reg_rmw(ctxt, reg) += 1;
	               //^ ref null readwrite
	return 0;
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

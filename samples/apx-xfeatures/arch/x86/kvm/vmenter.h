/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef __KVM_X86_VMENTER_H
#define __KVM_X86_VMENTER_H

#include <asm/kvm_vcpu_regs.h>

#define KVM_ENTER_VMRESUME BIT(0)

#ifdef __ASSEMBLER__

#define WORD_SIZE (BITS_PER_LONG / 8)

/* Registers from their slots, in the array at \regs_ofs of what \src points to. */
.macro LOAD_REGS src:req, regs_ofs:req, regs:vararg
.irp reg, \regs
	REG_NUM reg_num \reg
	mov (\regs_ofs + reg_num * WORD_SIZE)(\src), \reg
.endr
.endm

/* Registers to their slots. */
.macro STORE_REGS dst:req, regs_ofs:req, regs:vararg
.irp reg, \regs
	REG_NUM reg_num \reg
	mov \reg, (\regs_ofs + reg_num * WORD_SIZE)(\dst)
.endr
.endm

#endif /* __ASSEMBLER__ */

#endif

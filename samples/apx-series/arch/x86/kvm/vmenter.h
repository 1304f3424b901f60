/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef __KVM_X86_VMENTER_H
#define __KVM_X86_VMENTER_H

#include <asm/kvm_vcpu_regs.h>
#include "kvm-asm-offsets.h"

#define KVM_ENTER_VMRESUME BIT(0)
#define KVM_ENTER_EGPR_SWITCH BIT(1)

#ifdef __ASSEMBLER__

#define WORD_SIZE (BITS_PER_LONG / 8)

/* Registers that have a name, from their slots in the array at \regs_ofs of what \src points to. */
.macro LOAD_REGS src:req, regs_ofs:req, regs:vararg
.irp reg, \regs
	REG_NUM reg_num \reg
	.if reg_num <> REG_NUM_INVALID
	mov (\regs_ofs + reg_num * WORD_SIZE)(\src), \reg
	.else
	.err
	.endif
.endr
.endm

/* The same to their slots. */
.macro STORE_REGS dst:req, regs_ofs:req, regs:vararg
.irp reg, \regs
	REG_NUM reg_num \reg
	.if reg_num <> REG_NUM_INVALID
	mov \reg, (\regs_ofs + reg_num * WORD_SIZE)(\dst)
	.else
	.err
	.endif
.endr
.endm

#ifdef CONFIG_X86_64
/* Registers by their numbers; 16d is the low half of R16. */
.macro CLEAR_REGS regs:vararg
.irp i, \regs
	xor %r\i, %r\i
.endr
.endm

.macro VMX_LOAD_REGS src:req, regs:vararg
.irp i, \regs
	mov (VMX_vcpu_arch_regs + \i * WORD_SIZE)(\src), %r\i
.endr
.endm

.macro VMX_STORE_REGS dst:req, regs:vararg
.irp i, \regs
	mov %r\i, (VMX_vcpu_arch_regs + \i * WORD_SIZE)(\dst)
.endr
.endm

.macro SVM_LOAD_REGS src:req, regs:vararg
.irp i, \regs
	mov (SVM_vcpu_arch_regs + \i * WORD_SIZE)(\src), %r\i
.endr
.endm

.macro SVM_STORE_REGS dst:req, regs:vararg
.irp i, \regs
	mov %r\i, (SVM_vcpu_arch_regs + \i * WORD_SIZE)(\dst)
.endr
.endm
#endif

#ifdef CONFIG_KVM_APX
.macro VMX_LOAD_EGPRS src:req
	VMX_LOAD_REGS \src, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
.endm

.macro VMX_STORE_EGPRS dst:req
	VMX_STORE_REGS \dst, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
.endm

.macro CLEAR_EGPRS
	CLEAR_REGS 16d, 17d, 18d, 19d, 20d, 21d, 22d, 23d, 24d, 25d, 26d, 27d, 28d, 29d, 30d, 31d
.endm
#endif

#endif /* __ASSEMBLER__ */

#endif

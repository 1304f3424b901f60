/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef _ASM_X86_KVM_VCPU_REGS_H
#define _ASM_X86_KVM_VCPU_REGS_H

/* The order of ModRM: Intel SDM, volume 2, table 2-2. For C and assembly. */
#define __VCPU_REGS_RAX 0
#define __VCPU_REGS_RCX 1
#define __VCPU_REGS_RDX 2
#define __VCPU_REGS_RBX 3
#define __VCPU_REGS_RSP 4
#define __VCPU_REGS_RBP 5
#define __VCPU_REGS_RSI 6
#define __VCPU_REGS_RDI 7

#ifdef __ASSEMBLER__

	# \opd becomes the number of the register \r64
	.macro REG_NUM opd r64
	.ifc \r64,%rax
	\opd = __VCPU_REGS_RAX
	.endif
	.ifc \r64,%rcx
	\opd = __VCPU_REGS_RCX
	.endif
	.ifc \r64,%rdx
	\opd = __VCPU_REGS_RDX
	.endif
	.ifc \r64,%rbx
	\opd = __VCPU_REGS_RBX
	.endif
	.ifc \r64,%rsp
	\opd = __VCPU_REGS_RSP
	.endif
	.ifc \r64,%rbp
	\opd = __VCPU_REGS_RBP
	.endif
	.ifc \r64,%rsi
	\opd = __VCPU_REGS_RSI
	.endif
	.ifc \r64,%rdi
	\opd = __VCPU_REGS_RDI
	.endif
	.irp num, 8, 9, 10, 11, 12, 13, 14, 15
	.ifc \r64,%r\num
	\opd = \num
	.endif
	.endr
#ifdef CONFIG_KVM_APX
	.irp num, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	.ifc \r64,%r\num
	\opd = \num
	.endif
	.endr
#endif
	.endm

#endif /* __ASSEMBLER__ */

#endif

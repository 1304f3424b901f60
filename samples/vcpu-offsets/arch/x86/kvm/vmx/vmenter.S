/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/bitsperlong.h>
#include <asm/kvm_vcpu_regs.h>
#include "kvm-asm-offsets.h"

#define WORD_SIZE (BITS_PER_LONG / 8)

#define VCPU_RAX	__VCPU_REGS_RAX * WORD_SIZE
#define VCPU_RCX	__VCPU_REGS_RCX * WORD_SIZE
#define VCPU_RDX	__VCPU_REGS_RDX * WORD_SIZE
#define VCPU_RBX	__VCPU_REGS_RBX * WORD_SIZE
/* No RSP: the CPU switches it, through the VMCS. */
#define VCPU_RBP	__VCPU_REGS_RBP * WORD_SIZE
#define VCPU_RSI	__VCPU_REGS_RSI * WORD_SIZE
#define VCPU_RDI	__VCPU_REGS_RDI * WORD_SIZE
#ifdef CONFIG_X86_64
#define VCPU_R8		__VCPU_REGS_R8  * WORD_SIZE
#define VCPU_R9		__VCPU_REGS_R9  * WORD_SIZE
#define VCPU_R10	__VCPU_REGS_R10 * WORD_SIZE
#define VCPU_R11	__VCPU_REGS_R11 * WORD_SIZE
#define VCPU_R12	__VCPU_REGS_R12 * WORD_SIZE
#define VCPU_R13	__VCPU_REGS_R13 * WORD_SIZE
#define VCPU_R14	__VCPU_REGS_R14 * WORD_SIZE
#define VCPU_R15	__VCPU_REGS_R15 * WORD_SIZE
#endif

.section .noinstr.text, "ax"

/* Enters the guest: CF says whether to VMRESUME. After VM-exit the CPU goes on at vmx_vmexit, on the same stack. */
SYM_FUNC_START_LOCAL(vmx_vmenter)
	jnc 2f
1:	vmresume
	RET
2:	vmlaunch
	RET
	_ASM_EXTABLE(1b, .Lfault)
	_ASM_EXTABLE(2b, .Lfault)
.Lfault:
	ud2
SYM_FUNC_END(vmx_vmenter)

SYM_FUNC_START(vmx_vmexit)
	RET
SYM_FUNC_END(vmx_vmexit)

/*
 * @vmx:   struct vcpu_vmx *
 * @regs:  unsigned long *, the guest's registers
 * @flags: bit 0, VMRESUME instead of VMLAUNCH
 * Returns 0 after a VM-exit, 1 when VM-entry failed.
 */
SYM_FUNC_START(__vmx_vcpu_run)
	push %_ASM_BP
	mov  %_ASM_SP, %_ASM_BP
#ifdef CONFIG_X86_64
	push %r15
	push %r14
	push %r13
	push %r12
#else
	push %edi
	push %esi
#endif
	push %_ASM_BX

	/* @regs waits on the stack for the VM-exit. */
	push %_ASM_ARG2
	mov %_ASM_ARG3B, %bl
	lea (%_ASM_SP), %_ASM_ARG2
	call vmx_update_host_rsp

	mov (%_ASM_SP), %_ASM_AX
	bt $0, %bx

	mov VCPU_RCX(%_ASM_AX), %_ASM_CX
	    //^^^^^^ ref VCPU_REGS_RCX asm-load
	mov VCPU_RDX(%_ASM_AX), %_ASM_DX
	mov VCPU_RBX(%_ASM_AX), %_ASM_BX
	mov VCPU_RBP(%_ASM_AX), %_ASM_BP
	mov VCPU_RSI(%_ASM_AX), %_ASM_SI
	mov VCPU_RDI(%_ASM_AX), %_ASM_DI
#ifdef CONFIG_X86_64
	mov VCPU_R8 (%_ASM_AX), %r8
	    //^^^^^ ref VCPU_REGS_R8 asm-load
	mov VCPU_R9 (%_ASM_AX), %r9
	mov VCPU_R10(%_ASM_AX), %r10
	mov VCPU_R11(%_ASM_AX), %r11
	mov VCPU_R12(%_ASM_AX), %r12
	mov VCPU_R13(%_ASM_AX), %r13
	mov VCPU_R14(%_ASM_AX), %r14
	mov VCPU_R15(%_ASM_AX), %r15
#endif
	/* RAX last: it holds @regs. */
	mov VCPU_RAX(%_ASM_AX), %_ASM_AX
	    //^^^^^^ ref VCPU_REGS_RAX asm-load

	call vmx_vmenter
	jbe .Lfailed

	/* The guest's RAX to the stack, @regs back to RAX. */
	push %_ASM_AX
	mov WORD_SIZE(%_ASM_SP), %_ASM_AX

	pop           VCPU_RAX(%_ASM_AX)
	              //^^^^^^ ref VCPU_REGS_RAX asm-store
	mov %_ASM_CX, VCPU_RCX(%_ASM_AX)
	mov %_ASM_DX, VCPU_RDX(%_ASM_AX)
	mov %_ASM_BX, VCPU_RBX(%_ASM_AX)
	              //^^^^^^ ref VCPU_REGS_RBX asm-store
	mov %_ASM_BP, VCPU_RBP(%_ASM_AX)
	mov %_ASM_SI, VCPU_RSI(%_ASM_AX)
	mov %_ASM_DI, VCPU_RDI(%_ASM_AX)
#ifdef CONFIG_X86_64
	mov %r8,  VCPU_R8 (%_ASM_AX)
	mov %r9,  VCPU_R9 (%_ASM_AX)
	mov %r10, VCPU_R10(%_ASM_AX)
	mov %r11, VCPU_R11(%_ASM_AX)
	mov %r12, VCPU_R12(%_ASM_AX)
	mov %r13, VCPU_R13(%_ASM_AX)
	mov %r14, VCPU_R14(%_ASM_AX)
	mov %r15, VCPU_R15(%_ASM_AX)
#endif
	xor %eax, %eax

	/* The guest's values must not be left for speculation. */
1:	xor %ecx, %ecx
	xor %edx, %edx
	xor %ebx, %ebx
	xor %ebp, %ebp
	xor %esi, %esi
	xor %edi, %edi
#ifdef CONFIG_X86_64
	xor %r8d, %r8d
	xor %r9d, %r9d
	xor %r10d, %r10d
	xor %r11d, %r11d
	xor %r12d, %r12d
	xor %r13d, %r13d
	xor %r14d, %r14d
	xor %r15d, %r15d
#endif

	add $WORD_SIZE, %_ASM_SP
	pop %_ASM_BX
#ifdef CONFIG_X86_64
	pop %r12
	pop %r13
	pop %r14
	pop %r15
#else
	pop %esi
	pop %edi
#endif
	pop %_ASM_BP
	RET

.Lfailed:
	mov $1, %eax
	jmp 1b
SYM_FUNC_END(__vmx_vcpu_run)

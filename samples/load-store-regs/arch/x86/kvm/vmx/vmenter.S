/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/bitsperlong.h>
#include "kvm-asm-offsets.h"
#include "vmenter.h"

.section .noinstr.text, "ax"

/*
 * @vmx:   struct vcpu_vmx *
 * @flags: KVM_ENTER_VMRESUME, VMRESUME instead of VMLAUNCH
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

	push %_ASM_ARG1
	push %_ASM_ARG2
	lea (%_ASM_SP), %_ASM_ARG2
	call vmx_update_host_rsp
	mov WORD_SIZE(%_ASM_SP), %_ASM_DI

	/* RSP is the VMCS's; RDI comes last, it holds @vmx. */
	LOAD_REGS %_ASM_DI, VMX_vcpu_arch_regs, \
		  %_ASM_AX, %_ASM_CX, %_ASM_DX, %_ASM_BX, %_ASM_BP, %_ASM_SI
		  //^^^^^^ ref VCPU_REGS_RAX asm-load
		                                                    //^^^^^^ ref VCPU_REGS_RSI asm-load
#ifdef CONFIG_X86_64
	LOAD_REGS %_ASM_DI, VMX_vcpu_arch_regs, \
		  %r8, %r9, %r10, %r11, %r12, %r13, %r14, %r15
		  //^ ref VCPU_REGS_R8 asm-load
#endif
	testl $KVM_ENTER_VMRESUME, (%_ASM_SP)
	LOAD_REGS %_ASM_DI, VMX_vcpu_arch_regs, %_ASM_DI
	                                        //^^^^^^ ref VCPU_REGS_RDI asm-load
	jz .Lvmlaunch

.Lvmresume:
	vmresume
	jmp .Lvmfail

.Lvmlaunch:
	vmlaunch
	jmp .Lvmfail

	_ASM_EXTABLE(.Lvmresume, .Lfixup)
	_ASM_EXTABLE(.Lvmlaunch, .Lfixup)

	/* HOST_RIP: here the CPU goes on after a VM-exit. */
SYM_INNER_LABEL_ALIGN(vmx_vmexit, SYM_L_GLOBAL)
	push %_ASM_DI
	mov 2*WORD_SIZE(%_ASM_SP), %_ASM_DI

	STORE_REGS %_ASM_DI, VMX_vcpu_arch_regs, \
		   %_ASM_AX, %_ASM_CX, %_ASM_DX, %_ASM_BX, %_ASM_BP, %_ASM_SI
		   //^^^^^^ ref VCPU_REGS_RAX asm-store
	POP_REGS %_ASM_DI, VMX_vcpu_arch_regs, %_ASM_DI
	                                       //^^^^^^ ref VCPU_REGS_RDI asm-store
#ifdef CONFIG_X86_64
	STORE_REGS %_ASM_DI, VMX_vcpu_arch_regs, \
		   %r8, %r9, %r10, %r11, %r12, %r13, %r14, %r15
#endif
	xor %ebx, %ebx

.Lclear_regs:
	/* The guest's values must not be left for speculation. */
	CLEAR_REGS %eax, %ecx, %edx, %ebp, %esi, %edi
#ifdef CONFIG_X86_64
	CLEAR_REGS %r8d, %r9d, %r10d, %r11d, %r12d, %r13d, %r14d, %r15d
#endif
	mov %_ASM_BX, %_ASM_AX

	add $2*WORD_SIZE, %_ASM_SP
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

.Lfixup:
	cmpb $0, _ASM_RIP(virt_rebooting)
	jne .Lvmfail
	ud2
.Lvmfail:
	mov $1, %_ASM_BX
	jmp .Lclear_regs
SYM_FUNC_END(__vmx_vcpu_run)

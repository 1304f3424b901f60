/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/bitsperlong.h>
#include "kvm-asm-offsets.h"
#include "vmenter.h"

.section .noinstr.text, "ax"

/* @vmx: struct vcpu_vmx *, @flags: KVM_ENTER_* */
SYM_FUNC_START(__vmx_vcpu_run)
	push %rbp
	push %r15
	push %r14
	push %r13
	push %r12
	push %rbx
	push %rdi
	push %rsi

	LOAD_REGS %rdi, VMX_vcpu_arch_regs, %rax, %rcx, %rdx, %rbx, %rbp, %rsi
	                                    //^^ ref VCPU_REGS_RAX asm-load
	LOAD_REGS %rdi, VMX_vcpu_arch_regs, %r8, %r9, %r10, %r11, %r12, %r13, %r14, %r15
	                                    //^ ref VCPU_REGS_R8 asm-load
	testl $KVM_ENTER_VMRESUME, (%rsp)
	LOAD_REGS %rdi, VMX_vcpu_arch_regs, %rdi
	                                    //^^ ref VCPU_REGS_RDI asm-load
	jz .Lvmlaunch
	vmresume
	jmp .Lvmfail
.Lvmlaunch:
	vmlaunch
	jmp .Lvmfail

	/* HOST_RIP: here the CPU goes on after a VM-exit. */
SYM_INNER_LABEL_ALIGN(vmx_vmexit, SYM_L_GLOBAL)
	push %rdi
	mov 2*WORD_SIZE(%rsp), %rdi
	STORE_REGS %rdi, VMX_vcpu_arch_regs, %rax, %rcx, %rdx, %rbx, %rbp, %rsi
	                                     //^^ ref VCPU_REGS_RAX asm-store
	STORE_REGS %rdi, VMX_vcpu_arch_regs, %r8, %r9, %r10, %r11, %r12, %r13, %r14, %r15
	                                     //^ ref VCPU_REGS_R8 asm-store
	pop VMX_vcpu_arch_regs + __VCPU_REGS_RDI * WORD_SIZE(%rdi)
	xor %ebx, %ebx

.Lout:
	mov %rbx, %rax
	add $2*WORD_SIZE, %rsp
	pop %rbx
	pop %r12
	pop %r13
	pop %r14
	pop %r15
	pop %rbp
	RET

.Lvmfail:
	mov $1, %ebx
	jmp .Lout
SYM_FUNC_END(__vmx_vcpu_run)

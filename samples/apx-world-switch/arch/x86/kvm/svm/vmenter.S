/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/bitsperlong.h>
#include "kvm-asm-offsets.h"
#include "vmenter.h"

.section .noinstr.text, "ax"

/* @svm: struct vcpu_svm * */
SYM_FUNC_START(__svm_vcpu_run)
	push %rbp
	push %r15
	push %r14
	push %r13
	push %r12
	push %rbx
	push %rdi

	/* No RAX and no RSP: VMRUN and #VMEXIT switch them, through the VMCB. */
	mov SVM_vmcb_pa(%rdi), %rax
	LOAD_REGS %rdi, SVM_vcpu_arch_regs, %rcx, %rdx, %rbx, %rbp, %rsi
	                                    //^^ ref VCPU_REGS_RCX asm-load
	LOAD_REGS %rdi, SVM_vcpu_arch_regs, %r8, %r9, %r10, %r11, %r12, %r13, %r14, %r15
	LOAD_REGS %rdi, SVM_vcpu_arch_regs, %rdi
	                                    //^^ ref VCPU_REGS_RDI asm-load
	vmrun %rax
	pop %rax
	STORE_REGS %rax, SVM_vcpu_arch_regs, %rcx, %rdx, %rbx, %rbp, %rsi, %rdi
	                                     //^^ ref VCPU_REGS_RCX asm-store
	STORE_REGS %rax, SVM_vcpu_arch_regs, %r8, %r9, %r10, %r11, %r12, %r13, %r14, %r15
	                                     //^ ref VCPU_REGS_R8 asm-store

	pop %rbx
	pop %r12
	pop %r13
	pop %r14
	pop %r15
	pop %rbp
	RET
SYM_FUNC_END(__svm_vcpu_run)

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

#ifdef CONFIG_KVM_APX
	testl $KVM_ENTER_EGPR_SWITCH, (%rsp)
	jz .Lno_egprs_in
	LOAD_REGS %rdi, VMX_vcpu_arch_regs, \
		  %r16, %r17, %r18, %r19, %r20, %r21, %r22, %r23
		  //^^ ref VCPU_REGS_R16 asm-load
		                          //^^ ref VCPU_REGS_R20 asm-load
	LOAD_REGS %rdi, VMX_vcpu_arch_regs, \
		  %r24, %r25, %r26, %r27, %r28, %r29, %r30, %r31
		                                            //^^ ref VCPU_REGS_R31 asm-load
.Lno_egprs_in:
#endif
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
#ifdef CONFIG_KVM_APX
	testl $KVM_ENTER_EGPR_SWITCH, (%rsp)
	jz .Lno_egprs_out
	STORE_REGS %rdi, VMX_vcpu_arch_regs, \
		  %r16, %r17, %r18, %r19, %r20, %r21, %r22, %r23
		  //^^ ref VCPU_REGS_R16 asm-store
		                          //^^ ref VCPU_REGS_R20 asm-store
	STORE_REGS %rdi, VMX_vcpu_arch_regs, \
		  %r24, %r25, %r26, %r27, %r28, %r29, %r30, %r31
		                                            //^^ ref VCPU_REGS_R31 asm-store
.Lno_egprs_out:
#endif
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

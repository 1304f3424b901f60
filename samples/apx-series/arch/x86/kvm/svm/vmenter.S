/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/bitsperlong.h>
#include <asm/frame.h>
#include "kvm-asm-offsets.h"
#include "vmenter.h"

.section .noinstr.text, "ax"

/* @svm: struct vcpu_svm * */
SYM_FUNC_START(__svm_vcpu_run)
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

.ifnc _ASM_ARG1, _ASM_DI
	mov %_ASM_ARG1, %_ASM_DI
.endif
	mov SVM_vmcb_pa(%_ASM_DI), %_ASM_AX

	/* No RAX and no RSP: VMRUN and #VMEXIT switch them, through the VMCB. */
	LOAD_REGS %_ASM_DI, SVM_vcpu_arch_regs, \
		  %_ASM_CX, %_ASM_DX, %_ASM_BX, %_ASM_BP, %_ASM_SI
		  //^^^^^^ ref VCPU_REGS_RCX asm-load
#ifdef CONFIG_X86_64
	SVM_LOAD_REGS %_ASM_DI, 8, 9, 10, 11, 12, 13, 14, 15
#endif
	LOAD_REGS %_ASM_DI, SVM_vcpu_arch_regs, %_ASM_DI

1:	vmrun %_ASM_AX
2:
	pop %_ASM_AX

	STORE_REGS %_ASM_AX, SVM_vcpu_arch_regs, \
		   %_ASM_CX, %_ASM_DX, %_ASM_BX, %_ASM_BP, %_ASM_SI, %_ASM_DI
		                                                     //^^^^^^ ref VCPU_REGS_RDI asm-store
#ifdef CONFIG_X86_64
	SVM_STORE_REGS %_ASM_AX, 8, 9, 10, 11, 12, 13, 14, 15
#endif

	xor %ecx, %ecx
	xor %edx, %edx
	xor %ebx, %ebx
	xor %ebp, %ebp
	xor %esi, %esi
	xor %edi, %edi
#ifdef CONFIG_X86_64
	CLEAR_REGS 8d, 9d, 10d, 11d, 12d, 13d, 14d, 15d
#endif

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

3:	cmpb $0, _ASM_RIP(virt_rebooting)
	jne 2b
	ud2
	_ASM_EXTABLE(1b, 3b)
SYM_FUNC_END(__svm_vcpu_run)

#ifdef CONFIG_KVM_AMD_SEV

#define SEV_ES_GPRS_BASE 0x300

/*
 * The host's registers go to the host save area; the guest's never leave the VMSA.
 * @svm: struct vcpu_svm *, @hostsa: struct sev_es_save_area *
 */
SYM_FUNC_START(__svm_sev_es_vcpu_run)
	FRAME_BEGIN
	STORE_REGS %rsi, SEV_ES_GPRS_BASE, %rbp, %r15, %r14, %r13, %r12, %rbx
	mov SVM_vmcb_pa(%rdi), %rax
1:	vmrun %rax
2:	FRAME_END
	RET

3:	cmpb $0, virt_rebooting(%rip)
	jne 2b
	ud2
	_ASM_EXTABLE(1b, 3b)
SYM_FUNC_END(__svm_sev_es_vcpu_run)
#endif

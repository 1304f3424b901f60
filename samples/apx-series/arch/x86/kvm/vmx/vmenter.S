/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/bitsperlong.h>
#include <asm/nospec-branch.h>
#include <asm/percpu.h>
#include "vmenter.h"

.section .noinstr.text, "ax"

/*
 * @vmx:   struct vcpu_vmx *
 * @flags: KVM_ENTER_VMRESUME, VMRESUME instead of VMLAUNCH; KVM_ENTER_EGPR_SWITCH, R16-R31 too
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

#ifdef CONFIG_KVM_APX
	ALTERNATIVE "jmp .Legprs_loaded", "", X86_FEATURE_APX
	testl $KVM_ENTER_EGPR_SWITCH, (%_ASM_SP)
	jz .Legprs_loaded
	VMX_LOAD_EGPRS %_ASM_DI
.Legprs_loaded:
#endif

	/* RSP is the VMCS's; RDI comes last, it holds @vmx. */
	LOAD_REGS %_ASM_DI, VMX_vcpu_arch_regs, \
		  %_ASM_AX, %_ASM_CX, %_ASM_DX, %_ASM_BX, %_ASM_BP, %_ASM_SI
		  //^^^^^^ ref VCPU_REGS_RAX asm-load
		                                                    //^^^^^^ ref VCPU_REGS_RSI asm-load
#ifdef CONFIG_X86_64
	VMX_LOAD_REGS %_ASM_DI, 8, 9, 10, 11, 12, 13, 14, 15
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
	pop VMX_vcpu_arch_regs + __VCPU_REGS_RDI * WORD_SIZE(%_ASM_DI)
#ifdef CONFIG_X86_64
	VMX_STORE_REGS %_ASM_DI, 8, 9, 10, 11, 12, 13, 14, 15
#endif
	xor %ebx, %ebx

.Lclear_regs:
	/* The guest's values must not be left for speculation. */
	xor %eax, %eax
	xor %ecx, %ecx
	xor %edx, %edx
	xor %ebp, %ebp
	xor %esi, %esi
	xor %edi, %edi
#ifdef CONFIG_X86_64
	CLEAR_REGS 8d, 9d, 10d, 11d, 12d, 13d, 14d, 15d
#endif

	/* The host's SPEC_CTRL first, and only then anything that may be speculated on. */
	ALTERNATIVE "jmp .Lspec_ctrl_host_done", "", X86_FEATURE_MSR_SPEC_CTRL
	mov WORD_SIZE(%_ASM_SP), %_ASM_DI
	mov $MSR_IA32_SPEC_CTRL, %ecx
	rdmsr
	mov %eax, VMX_spec_ctrl(%_ASM_DI)
	mov PER_CPU_VAR(x86_spec_ctrl_current), %eax
	xor %edx, %edx
	wrmsr
.Lspec_ctrl_host_done:

	mov %_ASM_BX, %_ASM_AX

	pop %_ASM_BX
	pop %_ASM_DI

#ifdef CONFIG_KVM_APX
	/* After a failed VM-entry too: what they hold then is what was loaded above. */
	ALTERNATIVE "jmp .Legprs_stored", "", X86_FEATURE_APX
	test $KVM_ENTER_EGPR_SWITCH, %_ASM_BX
	jz .Legprs_stored
	VMX_STORE_EGPRS %_ASM_DI
	CLEAR_EGPRS
.Legprs_stored:
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

.Lfixup:
	cmpb $0, _ASM_RIP(virt_rebooting)
	jne .Lvmfail
	ud2
.Lvmfail:
	mov $1, %_ASM_BX
	jmp .Lclear_regs
SYM_FUNC_END(__vmx_vcpu_run)

/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include <linux/linkage.h>
#include <asm/bitsperlong.h>
#include "kvm-asm-offsets.h"
#include "vmenter.h"

#ifdef CONFIG_KVM_APX

/* @vcpu: struct kvm_vcpu *. The guest's R16-R31 to the CPU; nothing touches them until VM-entry. */
SYM_FUNC_START(kvm_apx_save)
	LOAD_REGS %rdi, VCPU_arch_regs, \
		  %r16, %r17, %r18, %r19, %r20, %r21, %r22, %r23
		  //^^ ref VCPU_REGS_R16 asm-load
		                          //^^ ref VCPU_REGS_R20 asm-load
	LOAD_REGS %rdi, VCPU_arch_regs, \
		  %r24, %r25, %r26, %r27, %r28, %r29, %r30, %r31
		                                            //^^ ref VCPU_REGS_R31 asm-load
	RET
SYM_FUNC_END(kvm_apx_save)

/* @vcpu: struct kvm_vcpu *. The guest's R16-R31 are as VM-exit left them. */
SYM_FUNC_START(kvm_apx_restore)
	STORE_REGS %rdi, VCPU_arch_regs, \
		  %r16, %r17, %r18, %r19, %r20, %r21, %r22, %r23
		  //^^ ref VCPU_REGS_R16 asm-store
		                          //^^ ref VCPU_REGS_R20 asm-store
	STORE_REGS %rdi, VCPU_arch_regs, \
		  %r24, %r25, %r26, %r27, %r28, %r29, %r30, %r31
		                                            //^^ ref VCPU_REGS_R31 asm-store
	RET
SYM_FUNC_END(kvm_apx_restore)

#endif

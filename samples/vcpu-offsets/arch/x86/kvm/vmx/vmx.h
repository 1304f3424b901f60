/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef __KVM_X86_VMX_H
#define __KVM_X86_VMX_H

#include <asm/vmx.h>
#include "../kvm_cache_regs.h"

struct vcpu_vmx {
	struct kvm_vcpu vcpu;
	u64 spec_ctrl;
	bool launched;
	u8 fail;
	u32 exit_reason;
	u32 exit_intr_info;
	u32 exec_control;
	unsigned long exit_qualification;
	unsigned long rflags;
	struct {
		u32 bitmask;
		u64 cs_base;
	} segment_cache;
};

/* What stays in the VMCS until somebody asks. */
#define VMX_REGS_LAZY_LOAD_SET	((1 << VCPU_REGS_RIP) |		\
				 (1 << VCPU_REGS_RSP) |		\
				 (1 << VCPU_EXREG_RFLAGS) |	\
				 (1 << VCPU_EXREG_PDPTR) |	\
				 (1 << VCPU_EXREG_SEGMENTS) |	\
				 (1 << VCPU_EXREG_CR0) |	\
				 (1 << VCPU_EXREG_CR3) |	\
				 (1 << VCPU_EXREG_CR4) |	\
				 (1 << VCPU_EXREG_EXIT_INFO_1) |	\
				 (1 << VCPU_EXREG_EXIT_INFO_2))
				       //^^^^^^^^^^^^^^^^^^^^ ref VCPU_EXREG_EXIT_INFO_2 mask

bool __vmx_vcpu_run(struct vcpu_vmx *vmx, unsigned long *regs, unsigned int flags);

static inline struct vcpu_vmx *to_vmx(struct kvm_vcpu *vcpu)
{
	return container_of(vcpu, struct vcpu_vmx, vcpu);
}

static inline unsigned long vmx_get_exit_qual(struct kvm_vcpu *vcpu)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);

	if (!kvm_register_is_available(vcpu, VCPU_EXREG_EXIT_INFO_1)) {
		kvm_register_mark_available(vcpu, VCPU_EXREG_EXIT_INFO_1);
		                                  //^^^^^^^^^^^^^^^^^^^^ ref VCPU_EXREG_EXIT_INFO_1 mark-available
		vmx->exit_qualification = vmcs_readl(EXIT_QUALIFICATION);
	}
	return vmx->exit_qualification;
}

static inline u32 vmx_get_intr_info(struct kvm_vcpu *vcpu)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);

	if (!kvm_register_is_available(vcpu, VCPU_EXREG_EXIT_INFO_2)) {
		kvm_register_mark_available(vcpu, VCPU_EXREG_EXIT_INFO_2);
		vmx->exit_intr_info = vmcs_read32(VM_EXIT_INTR_INFO);
	}
	return vmx->exit_intr_info;
}

void vmx_update_host_rsp(struct vcpu_vmx *vmx, unsigned long host_rsp);

#endif

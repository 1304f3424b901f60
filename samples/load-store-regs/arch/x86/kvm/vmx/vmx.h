/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef __KVM_X86_VMX_H
#define __KVM_X86_VMX_H

#include <asm/vmx.h>
#include "../regs.h"

/* What VMX and TDX vCPUs have in common. */
struct vcpu_vt {
	u32 exit_reason;
	u32 exit_intr_info;
	unsigned long exit_qualification;
};

struct vcpu_vmx {
	struct kvm_vcpu vcpu;
	struct vcpu_vt vt;
	struct loaded_vmcs *loaded_vmcs;
	bool launched;
	u8 fail;
	u32 exec_control;
	unsigned long rflags;
	struct {
		u32 bitmask;
		u64 cs_base;
	} segment_cache;
	struct vmcs12 *cached_vmcs12;
};

/* What stays in the VMCS until somebody asks. */
#define VMX_REGS_LAZY_LOAD_SET	(BIT(VCPU_REGS_RSP) |		\
				 BIT(VCPU_REG_RIP) |		\
				 BIT(VCPU_REG_PDPTR) |		\
				 BIT(VCPU_REG_CR0) |		\
				 BIT(VCPU_REG_CR3) |		\
				 BIT(VCPU_REG_CR4) |		\
				 BIT(VCPU_REG_RFLAGS) |		\
				 BIT(VCPU_REG_SEGMENTS) |	\
				 BIT(VCPU_REG_EXIT_INFO_1) |	\
				 BIT(VCPU_REG_EXIT_INFO_2))
				     //^^^^^^^^^^^^^^^^^^ ref VCPU_REG_EXIT_INFO_2 mask

bool __vmx_vcpu_run(struct vcpu_vmx *vmx, unsigned int flags);

static __always_inline struct vcpu_vmx *to_vmx(struct kvm_vcpu *vcpu)
{
	return container_of(vcpu, struct vcpu_vmx, vcpu);
}

static __always_inline struct vcpu_vt *to_vt(struct kvm_vcpu *vcpu)
{
	return &to_vmx(vcpu)->vt;
}

static __always_inline unsigned long vmx_get_exit_qual(struct kvm_vcpu *vcpu)
{
	struct vcpu_vt *vt = to_vt(vcpu);

	if (!kvm_register_test_and_mark_available(vcpu, VCPU_REG_EXIT_INFO_1) &&
	    !WARN_ON_ONCE(is_td_vcpu(vcpu)))
		vt->exit_qualification = vmcs_readl(EXIT_QUALIFICATION);

	return vt->exit_qualification;
}

static __always_inline u32 vmx_get_intr_info(struct kvm_vcpu *vcpu)
{
	struct vcpu_vt *vt = to_vt(vcpu);

	if (!kvm_register_test_and_mark_available(vcpu, VCPU_REG_EXIT_INFO_2) &&
	    !WARN_ON_ONCE(is_td_vcpu(vcpu)))
		vt->exit_intr_info = vmcs_read32(VM_EXIT_INTR_INFO);

	return vt->exit_intr_info;
}

void vmx_update_host_rsp(struct vcpu_vmx *vmx, unsigned long host_rsp);

#endif

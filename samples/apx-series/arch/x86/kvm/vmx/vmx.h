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
	u64 spec_ctrl;
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

/* A CPU with APX has the extended field and the fifth bits, whatever the guest has enabled. */
static inline bool vmx_insn_info_extended(void)
{
	return static_cpu_has(X86_FEATURE_APX);
}

/* Intel SDM, volume 3, table 30-1: bits 12:8 name the GPR of a MOV to or from a control register. */
static inline int vmx_get_exit_qual_gpr(struct kvm_vcpu *vcpu)
{
	unsigned long qual = vmx_get_exit_qual(vcpu);

	return vmx_insn_info_extended() ? (qual >> 8) & 0x1f : (qual >> 8) & 0xf;
}

static inline u64 vmx_get_insn_info(void)
{
	if (vmx_insn_info_extended())
		return vmcs_read64(EXTENDED_INSTRUCTION_INFO);

	return vmcs_read32(VMX_INSTRUCTION_INFO);
}

static inline int vmx_get_insn_info_reg2(u64 insn_info)
{
	return vmx_insn_info_extended() ? (insn_info >> 40) & 0x1f : (insn_info >> 28) & 0xf;
}

static inline int vmx_get_insn_info_base(u64 insn_info)
{
	return vmx_insn_info_extended() ? (insn_info >> 32) & 0x1f : (insn_info >> 23) & 0xf;
}

static __always_inline u32 vmx_get_intr_info(struct kvm_vcpu *vcpu)
{
	struct vcpu_vt *vt = to_vt(vcpu);

	if (!kvm_register_test_and_mark_available(vcpu, VCPU_REG_EXIT_INFO_2) &&
	    !WARN_ON_ONCE(is_td_vcpu(vcpu)))
		vt->exit_intr_info = vmcs_read32(VM_EXIT_INTR_INFO);

	return vt->exit_intr_info;
}

#endif

/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef __KVM_X86_VMX_TDX_H
#define __KVM_X86_VMX_TDX_H

#include <asm/shared/tdx.h>

struct vcpu_tdx {
	struct kvm_vcpu vcpu;
	struct vcpu_vt vt;
	struct tdx_vp vp;
	u64 vp_enter_ret;
	struct tdx_module_args vp_enter_args;
	u64 exit_gpa;
};

static __always_inline struct vcpu_tdx *to_tdx(struct kvm_vcpu *vcpu)
{
	return container_of(vcpu, struct vcpu_tdx, vcpu);
}

#endif

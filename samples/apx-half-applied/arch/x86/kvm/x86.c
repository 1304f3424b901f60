/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include <linux/kvm_host.h>
#include <asm/fpu/api.h>
#include "regs.h"

#define KVM_SUPPORTED_XCR0 (XFEATURE_MASK_FP | XFEATURE_MASK_SSE | XFEATURE_MASK_YMM | XFEATURE_MASK_PKRU)

struct kvm_host_values kvm_host;
struct kvm_caps kvm_caps;

static void kvm_load_xfeatures(struct kvm_vcpu *vcpu, bool load_guest)
{
	if (vcpu->arch.xcr0 != kvm_host.xcr0)
		xsetbv(XCR_XFEATURE_ENABLED_MASK, load_guest ? vcpu->arch.xcr0 : kvm_host.xcr0);
}

int __kvm_set_xcr(struct kvm_vcpu *vcpu, u32 index, u64 xcr)
{
	if (index != XCR_XFEATURE_ENABLED_MASK || (xcr & ~vcpu->arch.guest_supported_xcr0))
		return 1;

	vcpu->arch.xcr0 = xcr;
	return 0;
}

void kvm_x86_vendor_init(void)
{
	kvm_host.xcr0 = xgetbv(XCR_XFEATURE_ENABLED_MASK);
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & KVM_SUPPORTED_XCR0;
}

int kvm_emulate_xsetbv(struct kvm_vcpu *vcpu)
{
	u64 value = kvm_rax_read(vcpu) | kvm_rdx_read(vcpu) << 32;
	            //^^^^^^^^^^ ref VCPU_REGS_RAX read
	                                 //^^^^^^^^^^ ref VCPU_REGS_RDX read

	return __kvm_set_xcr(vcpu, kvm_rcx_read(vcpu), value);
	                           //^^^^^^^^^^ ref VCPU_REGS_RCX read
}

static int vcpu_enter_guest(struct kvm_vcpu *vcpu)
{
	local_irq_disable();
	kvm_load_xfeatures(vcpu, true);
	kvm_x86_call(vcpu_run)(vcpu, 0);
	kvm_load_xfeatures(vcpu, false);
	local_irq_enable();

	return kvm_x86_call(handle_exit)(vcpu);
}

int kvm_arch_vcpu_ioctl_run(struct kvm_vcpu *vcpu)
{
	int r;

	fpu_swap_kvm_fpstate(&vcpu->arch.guest_fpu, true);
	do
		r = vcpu_enter_guest(vcpu);
	while (r > 0);
	fpu_swap_kvm_fpstate(&vcpu->arch.guest_fpu, false);
	return r;
}

static void kvm_vcpu_ioctl_x86_get_xsave(struct kvm_vcpu *vcpu, struct kvm_xsave *xsave)
{
	fpu_copy_guest_fpstate_to_uabi(&vcpu->arch.guest_fpu, xsave->region, sizeof(xsave->region),
				       vcpu->arch.guest_supported_xcr0, vcpu->arch.pkru);
}

static int kvm_vcpu_ioctl_x86_set_xsave(struct kvm_vcpu *vcpu, struct kvm_xsave *xsave)
{
	return fpu_copy_uabi_to_guest_fpstate(&vcpu->arch.guest_fpu, xsave->region,
					      kvm_caps.supported_xcr0, &vcpu->arch.pkru);
}

long kvm_arch_vcpu_ioctl(struct kvm_vcpu *vcpu, unsigned int ioctl, struct kvm_xsave *xsave)
{
	switch (ioctl) {
	case KVM_GET_XSAVE:
		kvm_vcpu_ioctl_x86_get_xsave(vcpu, xsave);
		return 0;
	case KVM_SET_XSAVE:
		return kvm_vcpu_ioctl_x86_set_xsave(vcpu, xsave);
	default:
		return -EINVAL;
	}
}

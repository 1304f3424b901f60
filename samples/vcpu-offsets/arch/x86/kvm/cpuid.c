/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include "kvm_cache_regs.h"

int kvm_emulate_cpuid(struct kvm_vcpu *vcpu)
{
	u32 eax = kvm_rax_read(vcpu), ebx, ecx = kvm_rcx_read(vcpu), edx;
	          //^^^^^^^^^^ ref VCPU_REGS_RAX read
	                                         //^^^^^^^^^^ ref VCPU_REGS_RCX read

	kvm_cpuid(vcpu, &eax, &ebx, &ecx, &edx, false);
	kvm_rax_write(vcpu, eax);
	kvm_rbx_write(vcpu, ebx);
	//^^^^^^^^^^^ ref VCPU_REGS_RBX write
	kvm_rcx_write(vcpu, ecx);
	kvm_rdx_write(vcpu, edx);
	return 1;
}

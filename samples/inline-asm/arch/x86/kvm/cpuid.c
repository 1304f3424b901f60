/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include "kvm_cache_regs.h"

int kvm_emulate_cpuid(struct kvm_vcpu *vcpu)
{
	u32 eax = kvm_register_read(vcpu, VCPU_REGS_RAX);
	                                  //^^^^^^^^^^^ ref VCPU_REGS_RAX read
	u32 ebx, ecx = kvm_register_read(vcpu, VCPU_REGS_RCX), edx;

	kvm_cpuid(vcpu, &eax, &ebx, &ecx, &edx);
	kvm_register_write(vcpu, VCPU_REGS_RAX, eax);
	kvm_register_write(vcpu, VCPU_REGS_RBX, ebx);
	                         //^^^^^^^^^^^ ref VCPU_REGS_RBX write
	kvm_register_write(vcpu, VCPU_REGS_RCX, ecx);
	kvm_register_write(vcpu, VCPU_REGS_RDX, edx);
	return 1;
}

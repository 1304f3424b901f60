/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include "regs.h"

int kvm_emulate_cpuid(struct kvm_vcpu *vcpu)
{
	u32 eax = kvm_eax_read(vcpu), ebx, ecx = kvm_ecx_read(vcpu), edx;
	          //^^^^^^^^^^ ref VCPU_REGS_RAX read

	kvm_cpuid(vcpu, &eax, &ebx, &ecx, &edx, false);
	kvm_eax_write(vcpu, eax);
	kvm_ebx_write(vcpu, ebx);
	kvm_ecx_write(vcpu, ecx);
	kvm_edx_write(vcpu, edx);
	//^^^^^^^^^^^ ref VCPU_REGS_RDX write
	return 1;
}

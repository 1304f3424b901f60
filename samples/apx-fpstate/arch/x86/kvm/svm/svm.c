/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include <asm/svm.h>
#include "../regs.h"

struct vcpu_svm {
	struct kvm_vcpu vcpu;
	struct vmcb *vmcb;
	unsigned long vmcb_pa;
};

void __svm_vcpu_run(struct vcpu_svm *svm);

static inline struct vcpu_svm *to_svm(struct kvm_vcpu *vcpu)
{
	return container_of(vcpu, struct vcpu_svm, vcpu);
}

static void svm_cache_reg(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
}

static int svm_vcpu_run(struct kvm_vcpu *vcpu, u64 run_flags)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	svm->vmcb->save.rax = vcpu->arch.regs[VCPU_REGS_RAX];
	                                      //^^^^^^^^^^^ ref VCPU_REGS_RAX read
	svm->vmcb->save.rsp = vcpu->arch.regs[VCPU_REGS_RSP];
	svm->vmcb->save.rip = vcpu->arch.rip;

	__svm_vcpu_run(svm);

	vcpu->arch.regs[VCPU_REGS_RAX] = svm->vmcb->save.rax;
	                //^^^^^^^^^^^ ref VCPU_REGS_RAX write
	vcpu->arch.regs[VCPU_REGS_RSP] = svm->vmcb->save.rsp;
	vcpu->arch.rip = svm->vmcb->save.rip;
	return 0;
}

struct kvm_x86_ops svm_x86_ops __initdata = {
	.vcpu_run = svm_vcpu_run,
	.cache_reg = svm_cache_reg,
};

/* A sample of KVM Register Lens: hand-written, not kernel source. */
#define COMPILE_OFFSETS

#include <linux/kbuild.h>

static void __used common(void)
{
	OFFSET(SVM_vcpu_arch_regs, vcpu_svm, vcpu.arch.regs);
	OFFSET(SVM_vmcb_pa, vcpu_svm, vmcb_pa);
	OFFSET(VMX_vcpu_arch_regs, vcpu_vmx, vcpu.arch.regs);
}

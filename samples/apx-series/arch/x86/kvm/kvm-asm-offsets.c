/* A sample of KVM Register Lens: hand-written, not kernel source. */
#define COMPILE_OFFSETS

#include <linux/kbuild.h>
#include "vmx/vmx.h"
#include "svm/svm.h"

static void __used common(void)
{
	if (IS_ENABLED(CONFIG_KVM_AMD)) {
		OFFSET(SVM_vcpu_arch_regs, vcpu_svm, vcpu.arch.regs);
		OFFSET(SVM_vmcb_pa, vcpu_svm, vmcb_pa);
	}

	if (IS_ENABLED(CONFIG_KVM_INTEL)) {
		OFFSET(VMX_spec_ctrl, vcpu_vmx, spec_ctrl);
		OFFSET(VMX_vcpu_arch_regs, vcpu_vmx, vcpu.arch.regs);
	}
}

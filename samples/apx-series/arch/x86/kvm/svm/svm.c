/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include "svm.h"
#include "../smm.h"

static bool npt_enabled = true;

/* The VMCB has no PDPTRs: with NPT they come from the guest's memory. */
static void svm_cache_reg(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	kvm_register_mark_available(vcpu, reg);

	switch (reg) {
	case VCPU_REG_PDPTR:
	     //^^^^^^^^^^^^ ref VCPU_REG_PDPTR case
		if (npt_enabled)
			load_pdptrs(vcpu, kvm_read_cr3(vcpu));
		break;
	default:
		KVM_BUG_ON(1, vcpu->kvm);
	}
}

static void svm_set_cr0(struct kvm_vcpu *vcpu, unsigned long cr0)
{
	vcpu->arch.cr0 = cr0;
	to_svm(vcpu)->vmcb->save.cr0 = cr0;
}

static void svm_set_cr4(struct kvm_vcpu *vcpu, unsigned long cr4)
{
	vcpu->arch.cr4 = cr4;
	to_svm(vcpu)->vmcb->save.cr4 = cr4;
}

static void svm_load_mmu_pgd(struct kvm_vcpu *vcpu, hpa_t root_hpa, int root_level)
{
	unsigned long cr3 = root_hpa;

	if (npt_enabled) {
		if (!kvm_register_is_dirty(vcpu, VCPU_REG_CR3))
		                                 //^^^^^^^^^^ ref VCPU_REG_CR3 test-dirty
			return;
		cr3 = vcpu->arch.cr3;
	}
	to_svm(vcpu)->vmcb->save.cr3 = cr3;
}

static unsigned long svm_get_rflags(struct kvm_vcpu *vcpu)
{
	return to_svm(vcpu)->vmcb->save.rflags;
}

static void svm_set_rflags(struct kvm_vcpu *vcpu, unsigned long rflags)
{
	to_svm(vcpu)->vmcb->save.rflags = rflags;
}

static u64 svm_get_segment_base(struct kvm_vcpu *vcpu, int seg)
{
	return to_svm(vcpu)->vmcb->save.cs_base;
}

/* Before an SMI the VMCB must be as the guest left it. */
static int svm_enter_smm(struct kvm_vcpu *vcpu, union kvm_smram *smram)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	svm->vmcb->save.rax = vcpu->arch.regs[VCPU_REGS_RAX];
	svm->vmcb->save.rsp = vcpu->arch.regs[VCPU_REGS_RSP];
	svm->vmcb->save.rip = vcpu->arch.rip;
	return 0;
}

/* KVM can't read an SEV-ES guest's control registers: the CPU tells the new value after each write. */
static int cr_trap(struct kvm_vcpu *vcpu)
{
	struct vmcb_control_area *control = &to_svm(vcpu)->vmcb->control;

	switch (control->exit_code - SVM_EXIT_CR0_WRITE_TRAP) {
	case 0:
		svm_set_cr0(vcpu, control->exit_info_1);
		break;
	case 4:
		svm_set_cr4(vcpu, control->exit_info_1);
		break;
	default:
		return 0;
	}
	return 1;
}

static int svm_handle_exit(struct kvm_vcpu *vcpu)
{
	switch (to_svm(vcpu)->vmcb->control.exit_code) {
	case SVM_EXIT_CPUID:
		return kvm_emulate_cpuid(vcpu);
	case SVM_EXIT_VMMCALL:
		return kvm_emulate_hypercall(vcpu);
	case SVM_EXIT_MSR:
		return kvm_emulate_rdmsr(vcpu);
	case SVM_EXIT_WRITE_CR3:
		return kvm_set_cr3(vcpu, kvm_rax_read(vcpu));
	case SVM_EXIT_CR0_WRITE_TRAP:
	case SVM_EXIT_CR4_WRITE_TRAP:
		return cr_trap(vcpu);
	case SVM_EXIT_VMGEXIT:
		return sev_handle_vmgexit(vcpu);
	default:
		return 0;
	}
}

static noinstr void svm_vcpu_enter_exit(struct kvm_vcpu *vcpu)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	if (is_sev_es_guest(vcpu))
		__svm_sev_es_vcpu_run(svm, sev_es_host_save_area());
	else
		__svm_vcpu_run(svm);
}

static int svm_vcpu_run(struct kvm_vcpu *vcpu, u64 run_flags)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	if (is_sev_es_guest(vcpu))
		sev_es_unmap_ghcb(svm);

	svm->vmcb->save.rax = vcpu->arch.regs[VCPU_REGS_RAX];
	                                      //^^^^^^^^^^^ ref VCPU_REGS_RAX read
	svm->vmcb->save.rsp = vcpu->arch.regs[VCPU_REGS_RSP];
	svm->vmcb->save.rip = vcpu->arch.rip;
	svm->vmcb->save.cr2 = vcpu->arch.cr2;

	if (kvm_register_is_dirty(vcpu, VCPU_REG_ERAPS))
	                                //^^^^^^^^^^^^ ref VCPU_REG_ERAPS test-dirty
		svm->vmcb->control.erap_ctl |= ERAP_CONTROL_CLEAR_RAP;

	clgi();
	svm_vcpu_enter_exit(vcpu);

	if (!is_sev_es_guest(vcpu)) {
		vcpu->arch.cr2 = svm->vmcb->save.cr2;
		vcpu->arch.regs[VCPU_REGS_RAX] = svm->vmcb->save.rax;
		                //^^^^^^^^^^^ ref VCPU_REGS_RAX write
		vcpu->arch.regs[VCPU_REGS_RSP] = svm->vmcb->save.rsp;
		vcpu->arch.rip = svm->vmcb->save.rip;

		if (!svm_is_intercept(svm, INTERCEPT_CR0_WRITE))
			vcpu->arch.cr0 = svm->vmcb->save.cr0;
		if (npt_enabled)
			vcpu->arch.cr3 = svm->vmcb->save.cr3;
	}
	kvm_reset_dirty_registers(vcpu);
	stgi();

	if (npt_enabled)
		kvm_register_mark_for_reload(vcpu, VCPU_REG_PDPTR);
	return 0;
}

/* Until the assembly switches R16-R31 here too, guests do without. */
static int svm_hardware_setup(void)
{
	kvm_caps.supported_xcr0 &= ~XFEATURE_MASK_APX;
	return 0;
}

static void svm_vcpu_reset(struct kvm_vcpu *vcpu, bool init_event)
{
	to_svm(vcpu)->vmcb->control.erap_ctl = 0;
}

static struct kvm_x86_ops svm_x86_ops __initdata = {
	.hardware_setup = svm_hardware_setup,
	.vcpu_run = svm_vcpu_run,
	.handle_exit = svm_handle_exit,
	.vcpu_reset = svm_vcpu_reset,
	.cache_reg = svm_cache_reg,
	.set_cr0 = svm_set_cr0,
	.set_cr4 = svm_set_cr4,
	.load_mmu_pgd = svm_load_mmu_pgd,
	.get_rflags = svm_get_rflags,
	.set_rflags = svm_set_rflags,
	.get_segment_base = svm_get_segment_base,
	.enter_smm = svm_enter_smm,
};

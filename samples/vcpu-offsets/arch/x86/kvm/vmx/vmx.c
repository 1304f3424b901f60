/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include "vmx.h"

static bool enable_ept = true;

static void ept_save_pdptrs(struct kvm_vcpu *vcpu)
{
	vcpu->arch.pdptrs[0] = vmcs_read64(GUEST_PDPTR0);
	vcpu->arch.pdptrs[1] = vmcs_read64(GUEST_PDPTR1);
	vcpu->arch.pdptrs[2] = vmcs_read64(GUEST_PDPTR2);
	vcpu->arch.pdptrs[3] = vmcs_read64(GUEST_PDPTR3);
}

static void vmx_ept_load_pdptrs(struct kvm_vcpu *vcpu)
{
	if (!kvm_register_is_dirty(vcpu, VCPU_EXREG_PDPTR))
	                                 //^^^^^^^^^^^^^^ ref VCPU_EXREG_PDPTR test-dirty
		return;

	vmcs_write64(GUEST_PDPTR0, vcpu->arch.pdptrs[0]);
	vmcs_write64(GUEST_PDPTR1, vcpu->arch.pdptrs[1]);
	vmcs_write64(GUEST_PDPTR2, vcpu->arch.pdptrs[2]);
	vmcs_write64(GUEST_PDPTR3, vcpu->arch.pdptrs[3]);
}

static void vmx_cache_reg(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	unsigned long owned;

	kvm_register_mark_available(vcpu, reg);

	switch (reg) {
	case VCPU_REGS_RSP:
		vcpu->arch.regs[VCPU_REGS_RSP] = vmcs_readl(GUEST_RSP);
		                //^^^^^^^^^^^ ref VCPU_REGS_RSP write
		break;
	case VCPU_REGS_RIP:
	     //^^^^^^^^^^^ ref VCPU_REGS_RIP case
		vcpu->arch.regs[VCPU_REGS_RIP] = vmcs_readl(GUEST_RIP);
		break;
	case VCPU_EXREG_PDPTR:
		if (enable_ept)
			ept_save_pdptrs(vcpu);
		break;
	case VCPU_EXREG_CR0:
		owned = vcpu->arch.cr0_guest_owned_bits;
		vcpu->arch.cr0 &= ~owned;
		vcpu->arch.cr0 |= vmcs_readl(GUEST_CR0) & owned;
		break;
	case VCPU_EXREG_CR3:
		/* While CR3 loads exit, GUEST_CR3 is KVM's and the cache owns the guest's. */
		if (!(to_vmx(vcpu)->exec_control & CPU_BASED_CR3_LOAD_EXITING))
			vcpu->arch.cr3 = vmcs_readl(GUEST_CR3);
		break;
	case VCPU_EXREG_CR4:
		owned = vcpu->arch.cr4_guest_owned_bits;
		vcpu->arch.cr4 &= ~owned;
		vcpu->arch.cr4 |= vmcs_readl(GUEST_CR4) & owned;
		break;
	default:
		KVM_BUG_ON(1, vcpu->kvm);
		break;
	}
}

static void vmx_set_cr0(struct kvm_vcpu *vcpu, unsigned long cr0)
{
	vmcs_writel(GUEST_CR0, cr0);
	vcpu->arch.cr0 = cr0;
	kvm_register_mark_available(vcpu, VCPU_EXREG_CR0);
}

static void vmx_set_cr4(struct kvm_vcpu *vcpu, unsigned long cr4)
{
	vcpu->arch.cr4 = cr4;
	kvm_register_mark_available(vcpu, VCPU_EXREG_CR4);
	vmcs_writel(GUEST_CR4, cr4);
}

static void vmx_load_mmu_pgd(struct kvm_vcpu *vcpu, hpa_t root_hpa, int root_level)
{
	unsigned long guest_cr3 = root_hpa;

	if (enable_ept) {
		if (!kvm_register_is_dirty(vcpu, VCPU_EXREG_CR3))
			return;
		guest_cr3 = vcpu->arch.cr3;
		vmx_ept_load_pdptrs(vcpu);
	}
	vmcs_writel(GUEST_CR3, guest_cr3);
}

static unsigned long vmx_get_rflags(struct kvm_vcpu *vcpu)
{
	if (!kvm_register_is_available(vcpu, VCPU_EXREG_RFLAGS)) {
		kvm_register_mark_available(vcpu, VCPU_EXREG_RFLAGS);
		to_vmx(vcpu)->rflags = vmcs_readl(GUEST_RFLAGS);
	}
	return to_vmx(vcpu)->rflags;
}

static void vmx_set_rflags(struct kvm_vcpu *vcpu, unsigned long rflags)
{
	kvm_register_mark_available(vcpu, VCPU_EXREG_RFLAGS);
	to_vmx(vcpu)->rflags = rflags;
	vmcs_writel(GUEST_RFLAGS, rflags);
}

static u64 vmx_get_segment_base(struct kvm_vcpu *vcpu, int seg)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);

	if (!kvm_register_is_available(vcpu, VCPU_EXREG_SEGMENTS)) {
		kvm_register_mark_available(vcpu, VCPU_EXREG_SEGMENTS);
		vmx->segment_cache.bitmask = 0;
	}
	if (!(vmx->segment_cache.bitmask & BIT(seg))) {
		vmx->segment_cache.bitmask |= BIT(seg);
		vmx->segment_cache.cs_base = vmcs_readl(GUEST_CS_BASE);
	}
	return vmx->segment_cache.cs_base;
}

static int handle_set_cr4(struct kvm_vcpu *vcpu)
{
	int reg = (vmx_get_exit_qual(vcpu) >> 8) & 15;

	vmx_set_cr4(vcpu, kvm_register_read_raw(vcpu, reg));
	                                              //^ ref null read
	return 1;
}

static int vmx_handle_exit(struct kvm_vcpu *vcpu)
{
	switch (to_vmx(vcpu)->exit_reason) {
	case EXIT_REASON_CPUID:
		return kvm_emulate_cpuid(vcpu);
	case EXIT_REASON_VMCALL:
		return kvm_emulate_hypercall(vcpu);
	case EXIT_REASON_CR_ACCESS:
		return cr_number(vcpu) == 3 ? kvm_set_cr3(vcpu, kvm_rax_read(vcpu)) : handle_set_cr4(vcpu);
	default:
		return 0;
	}
}

static noinstr void vmx_vcpu_enter_exit(struct kvm_vcpu *vcpu, struct vcpu_vmx *vmx, unsigned int flags)
{
	if (vcpu->arch.cr2 != native_read_cr2())
		native_write_cr2(vcpu->arch.cr2);

	vmx->fail = __vmx_vcpu_run(vmx, (unsigned long *)&vcpu->arch.regs, flags);

	vcpu->arch.cr2 = native_read_cr2();
}

static int vmx_vcpu_run(struct kvm_vcpu *vcpu)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);

	if (kvm_register_is_dirty(vcpu, VCPU_REGS_RSP))
	                                //^^^^^^^^^^^ ref VCPU_REGS_RSP test-dirty
		vmcs_writel(GUEST_RSP, vcpu->arch.regs[VCPU_REGS_RSP]);
		                                       //^^^^^^^^^^^ ref VCPU_REGS_RSP read
	if (kvm_register_is_dirty(vcpu, VCPU_REGS_RIP))
		vmcs_writel(GUEST_RIP, vcpu->arch.regs[VCPU_REGS_RIP]);

	kvm_load_guest_xsave_state(vcpu);
	vmx_vcpu_enter_exit(vcpu, vmx, vmx->launched);
	vcpu->arch.regs_avail &= ~VMX_REGS_LAZY_LOAD_SET;
	vcpu->arch.regs_dirty = 0;
	kvm_load_host_xsave_state(vcpu);

	vmx->launched = 1;
	vmx->exit_reason = vmcs_read32(VM_EXIT_REASON);
	return 0;
}

static struct kvm_x86_ops vmx_x86_ops __initdata = {
	.vcpu_run = vmx_vcpu_run,
	.handle_exit = vmx_handle_exit,
	.cache_reg = vmx_cache_reg,
	.set_cr0 = vmx_set_cr0,
	.set_cr4 = vmx_set_cr4,
	.load_mmu_pgd = vmx_load_mmu_pgd,
	.get_rflags = vmx_get_rflags,
	.set_rflags = vmx_set_rflags,
	.get_segment_base = vmx_get_segment_base,
};

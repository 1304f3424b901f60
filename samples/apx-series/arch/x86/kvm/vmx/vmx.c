/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include "../vmenter.h"
#include "vmx.h"
#include "x86_ops.h"

static bool enable_ept = true;

int vmx_hardware_setup(void)
{
	enable_ept = cpu_has_vmx_ept();
	return 0;
}

static void ept_save_pdptrs(struct kvm_vcpu *vcpu)
{
	vcpu->arch.pdptrs[0] = vmcs_read64(GUEST_PDPTR0);
	vcpu->arch.pdptrs[1] = vmcs_read64(GUEST_PDPTR1);
	vcpu->arch.pdptrs[2] = vmcs_read64(GUEST_PDPTR2);
	vcpu->arch.pdptrs[3] = vmcs_read64(GUEST_PDPTR3);
}

static void vmx_ept_load_pdptrs(struct kvm_vcpu *vcpu)
{
	if (!kvm_register_is_dirty(vcpu, VCPU_REG_PDPTR))
	                                 //^^^^^^^^^^^^ ref VCPU_REG_PDPTR test-dirty
		return;

	vmcs_write64(GUEST_PDPTR0, vcpu->arch.pdptrs[0]);
	vmcs_write64(GUEST_PDPTR1, vcpu->arch.pdptrs[1]);
	vmcs_write64(GUEST_PDPTR2, vcpu->arch.pdptrs[2]);
	vmcs_write64(GUEST_PDPTR3, vcpu->arch.pdptrs[3]);
}

void vmx_cache_reg(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	unsigned long owned;

	kvm_register_mark_available(vcpu, reg);

	switch (reg) {
	case VCPU_REGS_RSP:
	     //^^^^^^^^^^^ ref VCPU_REGS_RSP case
		vcpu->arch.regs[VCPU_REGS_RSP] = vmcs_readl(GUEST_RSP);
		                //^^^^^^^^^^^ ref VCPU_REGS_RSP write
		break;
	case VCPU_REG_RIP:
		vcpu->arch.rip = vmcs_readl(GUEST_RIP);
		break;
	case VCPU_REG_PDPTR:
		if (enable_ept)
			ept_save_pdptrs(vcpu);
		break;
	case VCPU_REG_CR0:
		owned = vcpu->arch.cr0_guest_owned_bits;
		vcpu->arch.cr0 &= ~owned;
		vcpu->arch.cr0 |= vmcs_readl(GUEST_CR0) & owned;
		break;
	case VCPU_REG_CR3:
		/* While CR3 loads exit, GUEST_CR3 is KVM's and the cache owns the guest's. */
		if (!(to_vmx(vcpu)->exec_control & CPU_BASED_CR3_LOAD_EXITING))
			vcpu->arch.cr3 = vmcs_readl(GUEST_CR3);
		break;
	case VCPU_REG_CR4:
		owned = vcpu->arch.cr4_guest_owned_bits;
		vcpu->arch.cr4 &= ~owned;
		vcpu->arch.cr4 |= vmcs_readl(GUEST_CR4) & owned;
		break;
	default:
		KVM_BUG_ON(1, vcpu->kvm);
		break;
	}
}

void vmx_set_cr0(struct kvm_vcpu *vcpu, unsigned long cr0)
{
	vmcs_writel(GUEST_CR0, cr0);
	vcpu->arch.cr0 = cr0;
	kvm_register_mark_available(vcpu, VCPU_REG_CR0);
	                                  //^^^^^^^^^^ ref VCPU_REG_CR0 mark-available
}

void vmx_set_cr4(struct kvm_vcpu *vcpu, unsigned long cr4)
{
	vcpu->arch.cr4 = cr4;
	kvm_register_mark_available(vcpu, VCPU_REG_CR4);
	vmcs_writel(GUEST_CR4, cr4);
}

void vmx_load_mmu_pgd(struct kvm_vcpu *vcpu, hpa_t root_hpa, int root_level)
{
	unsigned long guest_cr3 = root_hpa;

	if (enable_ept) {
		if (!kvm_register_is_dirty(vcpu, VCPU_REG_CR3))
			return;
		guest_cr3 = vcpu->arch.cr3;
		vmx_ept_load_pdptrs(vcpu);
	}
	vmcs_writel(GUEST_CR3, guest_cr3);
}

unsigned long vmx_get_rflags(struct kvm_vcpu *vcpu)
{
	if (!kvm_register_is_available(vcpu, VCPU_REG_RFLAGS)) {
		kvm_register_mark_available(vcpu, VCPU_REG_RFLAGS);
		to_vmx(vcpu)->rflags = vmcs_readl(GUEST_RFLAGS);
	}
	return to_vmx(vcpu)->rflags;
}

void vmx_set_rflags(struct kvm_vcpu *vcpu, unsigned long rflags)
{
	kvm_register_mark_available(vcpu, VCPU_REG_RFLAGS);
	to_vmx(vcpu)->rflags = rflags;
	vmcs_writel(GUEST_RFLAGS, rflags);
}

u64 vmx_get_segment_base(struct kvm_vcpu *vcpu, int seg)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);

	if (!kvm_register_is_available(vcpu, VCPU_REG_SEGMENTS)) {
		kvm_register_mark_available(vcpu, VCPU_REG_SEGMENTS);
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
	int reg = vmx_get_exit_qual_gpr(vcpu);

	vmx_set_cr4(vcpu, kvm_register_read(vcpu, reg));
	                                          //^ ref null read
	return 1;
}

int vmx_handle_exit(struct kvm_vcpu *vcpu)
{
	switch (to_vt(vcpu)->exit_reason) {
	case EXIT_REASON_CPUID:
		return kvm_emulate_cpuid(vcpu);
	case EXIT_REASON_VMCALL:
		return kvm_emulate_hypercall(vcpu);
	case EXIT_REASON_MSR_READ:
		return kvm_emulate_rdmsr(vcpu);
	case EXIT_REASON_MSR_WRITE:
		return kvm_emulate_wrmsr(vcpu);
	case EXIT_REASON_VMLAUNCH:
		return nested_vmx_run(vcpu);
	case EXIT_REASON_VMWRITE:
		return handle_vmwrite(vcpu);
	case EXIT_REASON_CR_ACCESS:
		return cr_number(vcpu) == 3 ? kvm_set_cr3(vcpu, kvm_rax_read(vcpu)) : handle_set_cr4(vcpu);
	default:
		return 0;
	}
}

static unsigned int __vmx_vcpu_enter_flags(struct vcpu_vmx *vmx)
{
	unsigned int flags = 0;

	if (vmx->launched)
		flags |= KVM_ENTER_VMRESUME;

	/* What the guest has not enabled is #UD with its XCR0, which is loaded by now. */
	if (vmx->vcpu.arch.xcr0 & XFEATURE_MASK_APX)
		flags |= KVM_ENTER_EGPR_SWITCH;

	return flags;
}

static noinstr void vmx_vcpu_enter_exit(struct kvm_vcpu *vcpu, unsigned int flags)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);

	if (vcpu->arch.cr2 != native_read_cr2())
		native_write_cr2(vcpu->arch.cr2);

	vmx->fail = __vmx_vcpu_run(vmx, flags);

	vcpu->arch.cr2 = native_read_cr2();
	kvm_clear_available_registers(vcpu, VMX_REGS_LAZY_LOAD_SET);

	vmx->vt.exit_reason = vmcs_read32(VM_EXIT_REASON);
}

int vmx_vcpu_run(struct kvm_vcpu *vcpu, u64 run_flags)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);

	if (kvm_register_is_dirty(vcpu, VCPU_REGS_RSP))
	                                //^^^^^^^^^^^ ref VCPU_REGS_RSP test-dirty
		vmcs_writel(GUEST_RSP, vcpu->arch.regs[VCPU_REGS_RSP]);
		                                       //^^^^^^^^^^^ ref VCPU_REGS_RSP read
	if (kvm_register_is_dirty(vcpu, VCPU_REG_RIP))
		vmcs_writel(GUEST_RIP, vcpu->arch.rip);
	kvm_reset_dirty_registers(vcpu);

	vmx_vcpu_enter_exit(vcpu, __vmx_vcpu_enter_flags(vmx));
	vmx->launched = 1;
	return 0;
}

void vmx_vcpu_reset(struct kvm_vcpu *vcpu, bool init_event)
{
	to_vmx(vcpu)->launched = 0;
	kvm_register_mark_for_reload(vcpu, VCPU_REG_SEGMENTS);
	                                   //^^^^^^^^^^^^^^^ ref VCPU_REG_SEGMENTS mark-reload
}

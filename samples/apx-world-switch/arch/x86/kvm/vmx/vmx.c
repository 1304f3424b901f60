/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include <asm/vmx.h>
#include "../regs.h"
#include "../vmenter.h"

struct vcpu_vmx {
	struct kvm_vcpu vcpu;
	bool launched;
	u8 fail;
};

/* What stays in the VMCS until somebody asks. */
#define VMX_REGS_LAZY_LOAD_SET	(BIT(VCPU_REGS_RSP) | BIT(VCPU_REG_RIP))
                              	     //^^^^^^^^^^^ ref VCPU_REGS_RSP mask

bool __vmx_vcpu_run(struct vcpu_vmx *vmx, unsigned int flags);

static __always_inline struct vcpu_vmx *to_vmx(struct kvm_vcpu *vcpu)
{
	return container_of(vcpu, struct vcpu_vmx, vcpu);
}

static void vmx_cache_reg(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
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
	default:
		break;
	}
}

static unsigned int vmx_run_flags(struct vcpu_vmx *vmx)
{
	unsigned int flags = vmx->launched ? KVM_ENTER_VMRESUME : 0;

	/* What a guest can't use need not be switched, and would be #UD with its XCR0. */
	if (vmx->vcpu.arch.xcr0 & XFEATURE_MASK_APX)
		flags |= KVM_ENTER_EGPR_SWITCH;
	return flags;
}

static int vmx_vcpu_run(struct kvm_vcpu *vcpu, u64 run_flags)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);

	if (kvm_register_is_dirty(vcpu, VCPU_REGS_RSP))
	                                //^^^^^^^^^^^ ref VCPU_REGS_RSP test-dirty
		vmcs_writel(GUEST_RSP, vcpu->arch.regs[VCPU_REGS_RSP]);
		                                       //^^^^^^^^^^^ ref VCPU_REGS_RSP read
	if (kvm_register_is_dirty(vcpu, VCPU_REG_RIP))
		vmcs_writel(GUEST_RIP, vcpu->arch.rip);

	vmx->fail = __vmx_vcpu_run(vmx, vmx_run_flags(vmx));
	vmx->launched = true;

	kvm_clear_available_registers(vcpu, VMX_REGS_LAZY_LOAD_SET);
	return 0;
}

struct kvm_x86_ops vmx_x86_ops __initdata = {
	.vcpu_run = vmx_vcpu_run,
	.cache_reg = vmx_cache_reg,
};

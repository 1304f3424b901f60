/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include "vmx.h"
#include "vmcs12.h"

/* The other VMCS has other values of what is read lazily. */
static void vmx_switch_vmcs(struct kvm_vcpu *vcpu, struct loaded_vmcs *vmcs)
{
	to_vmx(vcpu)->loaded_vmcs = vmcs;
	kvm_clear_available_registers(vcpu, VMX_REGS_LAZY_LOAD_SET);
	kvm_reset_dirty_registers(vcpu);
}

static void prepare_vmcs02(struct kvm_vcpu *vcpu, struct vmcs12 *vmcs12)
{
	vmcs_writel(GUEST_CR3, vmcs12->guest_cr3);
	vcpu->arch.cr3 = vmcs12->guest_cr3;
	kvm_register_mark_available(vcpu, VCPU_REG_CR3);

	kvm_rsp_write(vcpu, vmcs12->guest_rsp);
	//^^^^^^^^^^^ ref VCPU_REGS_RSP write
	kvm_rip_write(vcpu, vmcs12->guest_rip);
}

static void sync_vmcs02_to_vmcs12(struct kvm_vcpu *vcpu, struct vmcs12 *vmcs12)
{
	vmcs12->guest_rsp = kvm_rsp_read(vcpu);
	vmcs12->guest_rip = kvm_rip_read(vcpu);
	                    //^^^^^^^^^^ ref VCPU_REG_RIP read
	vmcs12->guest_rflags = vmcs_readl(GUEST_RFLAGS);
}

/* L1 goes on with what it put into its VMCS as the host's. */
static void load_vmcs12_host_state(struct kvm_vcpu *vcpu, struct vmcs12 *vmcs12)
{
	kvm_rsp_write(vcpu, vmcs12->host_rsp);
	kvm_rip_write(vcpu, vmcs12->host_rip);
}

static unsigned long vmx_operand_address(struct kvm_vcpu *vcpu)
{
	return kvm_register_read(vcpu, vmx_get_insn_info_base(vmx_get_insn_info()));
	                               //^^^^^^^^^^^^^^^^^^^^ ref null read
}

/* The instruction's register operand has the field's encoding, its memory operand the value. */
int handle_vmwrite(struct kvm_vcpu *vcpu)
{
	u64 insn_info = vmx_get_insn_info();
	unsigned long field = kvm_register_read(vcpu, vmx_get_insn_info_reg2(insn_info));
	                                              //^^^^^^^^^^^^^^^^^^^^ ref null read

	return vmcs12_write_any(vcpu, field, vmx_operand_address(vcpu));
}

int nested_vmx_run(struct kvm_vcpu *vcpu)
{
	vmx_switch_vmcs(vcpu, vmcs02_of(vcpu));
	prepare_vmcs02(vcpu, to_vmx(vcpu)->cached_vmcs12);
	return 1;
}

void nested_vmx_vmexit(struct kvm_vcpu *vcpu)
{
	struct vmcs12 *vmcs12 = to_vmx(vcpu)->cached_vmcs12;

	sync_vmcs02_to_vmcs12(vcpu, vmcs12);
	vmx_switch_vmcs(vcpu, vmcs01_of(vcpu));
	load_vmcs12_host_state(vcpu, vmcs12);
}

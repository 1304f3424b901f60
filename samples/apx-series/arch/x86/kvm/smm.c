/* A sample of KVM Register Lens: hand-written, not kernel source. */
#include "regs.h"
#include "smm.h"

static void enter_smm_save_state_64(struct kvm_vcpu *vcpu, struct kvm_smram_state_64 *smram)
{
	int reg;

	for (reg = 0; reg < 16; reg++)
		smram->gprs[15 - reg] = kvm_register_read_raw(vcpu, reg);
		                                                    //^ ref null read

	smram->rip = kvm_rip_read(vcpu);
	             //^^^^^^^^^^ ref VCPU_REG_RIP read
	smram->rflags = kvm_x86_call(get_rflags)(vcpu);
	smram->cr0 = kvm_read_cr0(vcpu);
	smram->cr3 = kvm_read_cr3(vcpu);
	smram->cr4 = kvm_read_cr4(vcpu);
}

void enter_smm(struct kvm_vcpu *vcpu)
{
	union kvm_smram smram;

	enter_smm_save_state_64(vcpu, &smram.smram64);
	kvm_x86_call(enter_smm)(vcpu, &smram);
	kvm_rip_write(vcpu, 0x8000);
}

void rsm_load_state(struct kvm_vcpu *vcpu, const struct kvm_smram_state_64 *smram)
{
	int i;

	for (i = 0; i < 16; i++)
		kvm_register_write_raw(vcpu, i, smram->gprs[15 - i]);
	kvm_rip_write(vcpu, smram->rip);
	kvm_x86_call(set_rflags)(vcpu, smram->rflags);
}

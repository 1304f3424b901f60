/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef ASM_KVM_SMM_H
#define ASM_KVM_SMM_H

/* AMD APM, volume 2, table 10-1; the GPRs stand in reverse. */
struct kvm_smram_state_64 {
	u64 cr4;
	u64 cr3;
	u64 cr0;
	u64 rflags;
	u64 rip;
	u64 gprs[16];
};

union kvm_smram {
	struct kvm_smram_state_64 smram64;
};

void enter_smm(struct kvm_vcpu *vcpu);
void rsm_load_state(struct kvm_vcpu *vcpu, const struct kvm_smram_state_64 *smram);

#endif

/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef ASM_KVM_CACHE_REGS_H
#define ASM_KVM_CACHE_REGS_H

#include <asm/kvm_host.h>

#define KVM_POSSIBLE_CR0_GUEST_BITS X86_CR0_TS
#define KVM_POSSIBLE_CR4_GUEST_BITS (X86_CR4_PVI | X86_CR4_DE | X86_CR4_PCE | X86_CR4_PGE)

static inline unsigned long kvm_register_read(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	if (!test_bit(reg, (unsigned long *)&vcpu->arch.regs_avail))
		kvm_x86_ops->cache_reg(vcpu, reg);

	return vcpu->arch.regs[reg];
}

static inline void kvm_register_write(struct kvm_vcpu *vcpu, enum kvm_reg reg, unsigned long val)
{
	vcpu->arch.regs[reg] = val;
	__set_bit(reg, (unsigned long *)&vcpu->arch.regs_dirty);
	__set_bit(reg, (unsigned long *)&vcpu->arch.regs_avail);
}

static inline unsigned long kvm_rip_read(struct kvm_vcpu *vcpu)
{
	return kvm_register_read(vcpu, VCPU_REGS_RIP);
	                               //^^^^^^^^^^^ ref VCPU_REGS_RIP read
}

static inline void kvm_rip_write(struct kvm_vcpu *vcpu, unsigned long val)
{
	kvm_register_write(vcpu, VCPU_REGS_RIP, val);
	                         //^^^^^^^^^^^ ref VCPU_REGS_RIP write
}

static inline u64 kvm_pdptr_read(struct kvm_vcpu *vcpu, int index)
{
	if (!test_bit(VCPU_EXREG_PDPTR, (unsigned long *)&vcpu->arch.regs_avail))
	              //^^^^^^^^^^^^^^ ref VCPU_EXREG_PDPTR test-available
		kvm_x86_ops->cache_reg(vcpu, (enum kvm_reg)VCPU_EXREG_PDPTR);

	return vcpu->arch.pdptrs[index];
}

static inline unsigned long kvm_read_cr0(struct kvm_vcpu *vcpu)
{
	if (vcpu->arch.cr0_guest_owned_bits & KVM_POSSIBLE_CR0_GUEST_BITS)
		kvm_x86_ops->decache_cr0_guest_bits(vcpu);

	return vcpu->arch.cr0;
}

static inline unsigned long kvm_read_cr3(struct kvm_vcpu *vcpu)
{
	if (!test_bit(VCPU_EXREG_CR3, (unsigned long *)&vcpu->arch.regs_avail))
	              //^^^^^^^^^^^^ ref VCPU_EXREG_CR3 test-available
		kvm_x86_ops->decache_cr3(vcpu);

	return vcpu->arch.cr3;
}

static inline unsigned long kvm_read_cr4(struct kvm_vcpu *vcpu)
{
	if (vcpu->arch.cr4_guest_owned_bits & KVM_POSSIBLE_CR4_GUEST_BITS)
		kvm_x86_ops->decache_cr4_guest_bits(vcpu);

	return vcpu->arch.cr4;
}

static inline u64 kvm_read_edx_eax(struct kvm_vcpu *vcpu)
{
	u64 high = kvm_register_read(vcpu, VCPU_REGS_RDX) & -1u;
	                                   //^^^^^^^^^^^ ref VCPU_REGS_RDX read

	return high << 32 | (kvm_register_read(vcpu, VCPU_REGS_RAX) & -1u);
	                                             //^^^^^^^^^^^ ref VCPU_REGS_RAX read
}

#endif

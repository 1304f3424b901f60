/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef ARCH_X86_KVM_REGS_H
#define ARCH_X86_KVM_REGS_H

#include <linux/kvm_host.h>

#define BUILD_KVM_GPR_ACCESSORS(lname, uname)						\
static __always_inline unsigned long kvm_##lname##_read(struct kvm_vcpu *vcpu)		\
{											\
	return vcpu->arch.regs[VCPU_REGS_##uname];					\
}											\
static __always_inline void kvm_##lname##_write(struct kvm_vcpu *vcpu, unsigned long val) \
{											\
	vcpu->arch.regs[VCPU_REGS_##uname] = val;					\
}

BUILD_KVM_GPR_ACCESSORS(rax, RAX)
BUILD_KVM_GPR_ACCESSORS(rcx, RCX)
BUILD_KVM_GPR_ACCESSORS(rdx, RDX)

static inline bool kvm_register_is_available(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	return test_bit(reg, vcpu->arch.regs_avail);
}

static inline bool kvm_register_is_dirty(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	return test_bit(reg, vcpu->arch.regs_dirty);
}

static inline void kvm_register_mark_available(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	__set_bit(reg, vcpu->arch.regs_avail);
}

static inline void kvm_register_mark_dirty(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	__set_bit(reg, vcpu->arch.regs_avail);
	__set_bit(reg, vcpu->arch.regs_dirty);
}

static __always_inline void kvm_clear_available_registers(struct kvm_vcpu *vcpu, unsigned long clear_mask)
{
	vcpu->arch.regs_avail[0] &= ~clear_mask;
}

static inline unsigned long kvm_register_read_raw(struct kvm_vcpu *vcpu, int reg)
{
	if (!kvm_register_is_available(vcpu, reg))
		kvm_x86_call(cache_reg)(vcpu, reg);

	return vcpu->arch.regs[reg];
}

static inline void kvm_register_write_raw(struct kvm_vcpu *vcpu, int reg, unsigned long val)
{
	vcpu->arch.regs[reg] = val;
	kvm_register_mark_dirty(vcpu, reg);
}

static inline unsigned long kvm_rip_read(struct kvm_vcpu *vcpu)
{
	if (!kvm_register_is_available(vcpu, VCPU_REG_RIP))
	                                     //^^^^^^^^^^ ref VCPU_REG_RIP test-available
		kvm_x86_call(cache_reg)(vcpu, VCPU_REG_RIP);
		                              //^^^^^^^^^^ ref VCPU_REG_RIP argument

	return vcpu->arch.rip;
}

#endif

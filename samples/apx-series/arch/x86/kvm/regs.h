/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef ARCH_X86_KVM_REGS_H
#define ARCH_X86_KVM_REGS_H

#include <linux/kvm_host.h>

#define KVM_POSSIBLE_CR0_GUEST_BITS (X86_CR0_TS | X86_CR0_WP)
#define KVM_POSSIBLE_CR4_GUEST_BITS (X86_CR4_PVI | X86_CR4_DE | X86_CR4_PCE | X86_CR4_PGE)

static __always_inline unsigned long kvm_reg_mode_mask(struct kvm_vcpu *vcpu)
{
	return vcpu->arch.efer & EFER_LMA ? GENMASK(63, 0) : GENMASK(31, 0);
}

/* The full register, and the same as the CPU's mode lets the guest see it. */
#define __BUILD_KVM_GPR_ACCESSORS(lname, uname)						\
static __always_inline unsigned long kvm_##lname##_read_raw(struct kvm_vcpu *vcpu)	\
{											\
	return vcpu->arch.regs[VCPU_REGS_##uname];					\
}											\
static __always_inline void kvm_##lname##_write_raw(struct kvm_vcpu *vcpu, unsigned long val) \
{											\
	vcpu->arch.regs[VCPU_REGS_##uname] = val;					\
}											\
static __always_inline unsigned long kvm_##lname##_read(struct kvm_vcpu *vcpu)		\
{											\
	return vcpu->arch.regs[VCPU_REGS_##uname] & kvm_reg_mode_mask(vcpu);		\
}
/* The low half too, for the registers that have a name for it. */
#define BUILD_KVM_GPR_ACCESSORS(lname, uname)						\
__BUILD_KVM_GPR_ACCESSORS(r##lname, uname)						\
static __always_inline u32 kvm_e##lname##_read(struct kvm_vcpu *vcpu)			\
{											\
	return vcpu->arch.regs[VCPU_REGS_##uname];					\
}											\
static __always_inline void kvm_e##lname##_write(struct kvm_vcpu *vcpu, u32 val)	\
{											\
	vcpu->arch.regs[VCPU_REGS_##uname] = val;					\
}

BUILD_KVM_GPR_ACCESSORS(ax, RAX)
BUILD_KVM_GPR_ACCESSORS(bx, RBX)
BUILD_KVM_GPR_ACCESSORS(cx, RCX)
BUILD_KVM_GPR_ACCESSORS(dx, RDX)
BUILD_KVM_GPR_ACCESSORS(bp, RBP)
BUILD_KVM_GPR_ACCESSORS(si, RSI)
BUILD_KVM_GPR_ACCESSORS(di, RDI)
#ifdef CONFIG_X86_64
__BUILD_KVM_GPR_ACCESSORS(r8, R8)
__BUILD_KVM_GPR_ACCESSORS(r9, R9)
__BUILD_KVM_GPR_ACCESSORS(r10, R10)
__BUILD_KVM_GPR_ACCESSORS(r11, R11)
__BUILD_KVM_GPR_ACCESSORS(r12, R12)
__BUILD_KVM_GPR_ACCESSORS(r13, R13)
__BUILD_KVM_GPR_ACCESSORS(r14, R14)
__BUILD_KVM_GPR_ACCESSORS(r15, R15)
#endif

static inline bool kvm_register_is_available(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	return test_bit(reg, vcpu->arch.regs_avail);
}

static inline bool kvm_register_is_dirty(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	return test_bit(reg, vcpu->arch.regs_dirty);
}

static inline void kvm_register_mark_for_reload(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	__clear_bit(reg, vcpu->arch.regs_avail);
	__clear_bit(reg, vcpu->arch.regs_dirty);
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

static __always_inline bool kvm_register_test_and_mark_available(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	return arch___test_and_set_bit(reg, vcpu->arch.regs_avail);
}

static __always_inline void kvm_clear_available_registers(struct kvm_vcpu *vcpu, unsigned long clear_mask)
{
	vcpu->arch.regs_avail[0] &= ~clear_mask;
}

static __always_inline void kvm_reset_dirty_registers(struct kvm_vcpu *vcpu)
{
	vcpu->arch.regs_dirty[0] = 0;
}

static inline unsigned long kvm_register_read_raw(struct kvm_vcpu *vcpu, int reg)
{
	if (WARN_ON_ONCE((unsigned int)reg >= NR_VCPU_GENERAL_PURPOSE_REGS))
		return 0;

	if (!kvm_register_is_available(vcpu, reg))
		kvm_x86_call(cache_reg)(vcpu, reg);

	return vcpu->arch.regs[reg];
}

static inline void kvm_register_write_raw(struct kvm_vcpu *vcpu, int reg, unsigned long val)
{
	if (WARN_ON_ONCE((unsigned int)reg >= NR_VCPU_GENERAL_PURPOSE_REGS))
		return;

	vcpu->arch.regs[reg] = val;
	kvm_register_mark_dirty(vcpu, reg);
}

static inline unsigned long kvm_register_read(struct kvm_vcpu *vcpu, int reg)
{
	return kvm_register_read_raw(vcpu, reg) & kvm_reg_mode_mask(vcpu);
}

static inline unsigned long kvm_rip_read(struct kvm_vcpu *vcpu)
{
	if (!kvm_register_is_available(vcpu, VCPU_REG_RIP))
	                                     //^^^^^^^^^^ ref VCPU_REG_RIP test-available
		kvm_x86_call(cache_reg)(vcpu, VCPU_REG_RIP);
		                              //^^^^^^^^^^ ref VCPU_REG_RIP argument

	return vcpu->arch.rip;
}

static inline void kvm_rip_write(struct kvm_vcpu *vcpu, unsigned long val)
{
	vcpu->arch.rip = val;
	kvm_register_mark_dirty(vcpu, VCPU_REG_RIP);
	                              //^^^^^^^^^^ ref VCPU_REG_RIP mark-dirty
}

static inline unsigned long kvm_rsp_read(struct kvm_vcpu *vcpu)
{
	return kvm_register_read_raw(vcpu, VCPU_REGS_RSP);
	                                   //^^^^^^^^^^^ ref VCPU_REGS_RSP read
}

static inline void kvm_rsp_write(struct kvm_vcpu *vcpu, unsigned long val)
{
	kvm_register_write_raw(vcpu, VCPU_REGS_RSP, val);
}

static inline u64 kvm_read_edx_eax(struct kvm_vcpu *vcpu)
{
	return (u64)kvm_edx_read(vcpu) << 32 | kvm_eax_read(vcpu);
	            //^^^^^^^^^^ ref VCPU_REGS_RDX read
	                                       //^^^^^^^^^^ ref VCPU_REGS_RAX read
}

static inline u64 kvm_pdptr_read(struct kvm_vcpu *vcpu, int index)
{
	if (!kvm_register_is_available(vcpu, VCPU_REG_PDPTR))
		kvm_x86_call(cache_reg)(vcpu, VCPU_REG_PDPTR);

	return vcpu->arch.pdptrs[index];
}

static inline unsigned long kvm_read_cr0(struct kvm_vcpu *vcpu)
{
	if ((vcpu->arch.cr0_guest_owned_bits & KVM_POSSIBLE_CR0_GUEST_BITS) &&
	    !kvm_register_is_available(vcpu, VCPU_REG_CR0))
		kvm_x86_call(cache_reg)(vcpu, VCPU_REG_CR0);

	return vcpu->arch.cr0;
}

static inline unsigned long kvm_read_cr3(struct kvm_vcpu *vcpu)
{
	if (!kvm_register_is_available(vcpu, VCPU_REG_CR3))
		kvm_x86_call(cache_reg)(vcpu, VCPU_REG_CR3);

	return vcpu->arch.cr3;
}

static inline unsigned long kvm_read_cr4(struct kvm_vcpu *vcpu)
{
	if ((vcpu->arch.cr4_guest_owned_bits & KVM_POSSIBLE_CR4_GUEST_BITS) &&
	    !kvm_register_is_available(vcpu, VCPU_REG_CR4))
		kvm_x86_call(cache_reg)(vcpu, VCPU_REG_CR4);

	return vcpu->arch.cr4;
}

#endif

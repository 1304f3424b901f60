/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef ASM_KVM_CACHE_REGS_H
#define ASM_KVM_CACHE_REGS_H

#include <linux/kvm_host.h>

#define KVM_POSSIBLE_CR0_GUEST_BITS X86_CR0_TS
#define KVM_POSSIBLE_CR4_GUEST_BITS (X86_CR4_PVI | X86_CR4_DE | X86_CR4_PCE | X86_CR4_PGE)

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
BUILD_KVM_GPR_ACCESSORS(rbx, RBX)
BUILD_KVM_GPR_ACCESSORS(rcx, RCX)
BUILD_KVM_GPR_ACCESSORS(rdx, RDX)
BUILD_KVM_GPR_ACCESSORS(rbp, RBP)
BUILD_KVM_GPR_ACCESSORS(rsi, RSI)
BUILD_KVM_GPR_ACCESSORS(rdi, RDI)
#ifdef CONFIG_X86_64
BUILD_KVM_GPR_ACCESSORS(r8, R8)
BUILD_KVM_GPR_ACCESSORS(r9, R9)
BUILD_KVM_GPR_ACCESSORS(r10, R10)
BUILD_KVM_GPR_ACCESSORS(r11, R11)
BUILD_KVM_GPR_ACCESSORS(r12, R12)
BUILD_KVM_GPR_ACCESSORS(r13, R13)
BUILD_KVM_GPR_ACCESSORS(r14, R14)
BUILD_KVM_GPR_ACCESSORS(r15, R15)
#endif

static inline bool kvm_register_is_available(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	return test_bit(reg, (unsigned long *)&vcpu->arch.regs_avail);
}

static inline bool kvm_register_is_dirty(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	return test_bit(reg, (unsigned long *)&vcpu->arch.regs_dirty);
}

static inline void kvm_register_mark_available(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	__set_bit(reg, (unsigned long *)&vcpu->arch.regs_avail);
}

static inline void kvm_register_mark_dirty(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	__set_bit(reg, (unsigned long *)&vcpu->arch.regs_avail);
	__set_bit(reg, (unsigned long *)&vcpu->arch.regs_dirty);
}

static inline unsigned long kvm_register_read_raw(struct kvm_vcpu *vcpu, int reg)
{
	if (WARN_ON_ONCE((unsigned int)reg >= NR_VCPU_REGS))
		return 0;

	if (!kvm_register_is_available(vcpu, reg))
		static_call(kvm_x86_cache_reg)(vcpu, reg);

	return vcpu->arch.regs[reg];
}

static inline void kvm_register_write_raw(struct kvm_vcpu *vcpu, int reg, unsigned long val)
{
	if (WARN_ON_ONCE((unsigned int)reg >= NR_VCPU_REGS))
		return;

	vcpu->arch.regs[reg] = val;
	kvm_register_mark_dirty(vcpu, reg);
}

static inline unsigned long kvm_rip_read(struct kvm_vcpu *vcpu)
{
	return kvm_register_read_raw(vcpu, VCPU_REGS_RIP);
	                                   //^^^^^^^^^^^ ref VCPU_REGS_RIP read
}

static inline void kvm_rip_write(struct kvm_vcpu *vcpu, unsigned long val)
{
	kvm_register_write_raw(vcpu, VCPU_REGS_RIP, val);
}

static inline unsigned long kvm_rsp_read(struct kvm_vcpu *vcpu)
{
	return kvm_register_read_raw(vcpu, VCPU_REGS_RSP);
}

static inline void kvm_rsp_write(struct kvm_vcpu *vcpu, unsigned long val)
{
	kvm_register_write_raw(vcpu, VCPU_REGS_RSP, val);
	                             //^^^^^^^^^^^ ref VCPU_REGS_RSP write
}

static inline u64 kvm_pdptr_read(struct kvm_vcpu *vcpu, int index)
{
	if (!kvm_register_is_available(vcpu, VCPU_EXREG_PDPTR))
	                                     //^^^^^^^^^^^^^^ ref VCPU_EXREG_PDPTR test-available
		static_call(kvm_x86_cache_reg)(vcpu, VCPU_EXREG_PDPTR);
		                                     //^^^^^^^^^^^^^^ ref VCPU_EXREG_PDPTR argument

	return vcpu->arch.pdptrs[index];
}

static inline unsigned long kvm_read_cr0(struct kvm_vcpu *vcpu)
{
	if ((vcpu->arch.cr0_guest_owned_bits & KVM_POSSIBLE_CR0_GUEST_BITS) &&
	    !kvm_register_is_available(vcpu, VCPU_EXREG_CR0))
	                                     //^^^^^^^^^^^^ ref VCPU_EXREG_CR0 test-available
		static_call(kvm_x86_cache_reg)(vcpu, VCPU_EXREG_CR0);

	return vcpu->arch.cr0;
}

static inline unsigned long kvm_read_cr3(struct kvm_vcpu *vcpu)
{
	if (!kvm_register_is_available(vcpu, VCPU_EXREG_CR3))
		static_call(kvm_x86_cache_reg)(vcpu, VCPU_EXREG_CR3);

	return vcpu->arch.cr3;
}

static inline unsigned long kvm_read_cr4(struct kvm_vcpu *vcpu)
{
	if ((vcpu->arch.cr4_guest_owned_bits & KVM_POSSIBLE_CR4_GUEST_BITS) &&
	    !kvm_register_is_available(vcpu, VCPU_EXREG_CR4))
		static_call(kvm_x86_cache_reg)(vcpu, VCPU_EXREG_CR4);

	return vcpu->arch.cr4;
}

static inline u64 kvm_read_edx_eax(struct kvm_vcpu *vcpu)
{
	u64 high = (u32)kvm_rdx_read(vcpu);
	                //^^^^^^^^^^ ref VCPU_REGS_RDX read

	return high << 32 | (u32)kvm_rax_read(vcpu);
	                         //^^^^^^^^^^ ref VCPU_REGS_RAX read
}

#endif

/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef _ASM_X86_KVM_HOST_H
#define _ASM_X86_KVM_HOST_H

#include <linux/types.h>

enum kvm_reg {
	VCPU_REGS_RAX = 0,
	//^^^^^^^^^^^ ref VCPU_REGS_RAX declare
	VCPU_REGS_RCX = 1,
	VCPU_REGS_RDX = 2,
	VCPU_REGS_RBX = 3,
	VCPU_REGS_RSP = 4,
	VCPU_REGS_RBP = 5,
	VCPU_REGS_RSI = 6,
	VCPU_REGS_RDI = 7,
#ifdef CONFIG_X86_64
	VCPU_REGS_R8 = 8,
	//^^^^^^^^^^ ref VCPU_REGS_R8 declare
	VCPU_REGS_R9 = 9,
	VCPU_REGS_R10 = 10,
	VCPU_REGS_R11 = 11,
	VCPU_REGS_R12 = 12,
	VCPU_REGS_R13 = 13,
	VCPU_REGS_R14 = 14,
	VCPU_REGS_R15 = 15,
#endif
	VCPU_REGS_RIP,
	NR_VCPU_REGS
};

/* Tracked by the same two masks, stored outside of regs[]. */
enum kvm_reg_ex {
	VCPU_EXREG_PDPTR = NR_VCPU_REGS,
	                   //^^^^^^^^^^ ref NR_VCPU_REGS other
	VCPU_EXREG_CR3,
	//^^^^^^^^^^^^ ref VCPU_EXREG_CR3 declare
	VCPU_EXREG_RFLAGS,
	VCPU_EXREG_SEGMENTS,
};

struct kvm_vcpu_arch {
	unsigned long regs[NR_VCPU_REGS];
	u32 regs_avail;
	u32 regs_dirty;

	unsigned long cr0;
	unsigned long cr0_guest_owned_bits;
	unsigned long cr2;
	unsigned long cr3;
	unsigned long cr4;
	unsigned long cr4_guest_owned_bits;
	u64 pdptrs[4];
	u64 efer;

	u64 xcr0;
	u64 ia32_xss;
	u64 guest_supported_xcr0;
	u32 pkru;
	struct fpu user_fpu;
	struct fpu guest_fpu;
};

struct kvm_vcpu {
	bool guest_xcr0_loaded;
	struct kvm_vcpu_arch arch;
};

struct kvm_x86_ops {
	void (*run)(struct kvm_vcpu *vcpu);
	int (*handle_exit)(struct kvm_vcpu *vcpu);
	void (*vcpu_reset)(struct kvm_vcpu *vcpu, bool init_event);
	void (*cache_reg)(struct kvm_vcpu *vcpu, enum kvm_reg reg);
	void (*decache_cr0_guest_bits)(struct kvm_vcpu *vcpu);
	void (*decache_cr3)(struct kvm_vcpu *vcpu);
	void (*decache_cr4_guest_bits)(struct kvm_vcpu *vcpu);
	void (*set_cr0)(struct kvm_vcpu *vcpu, unsigned long cr0);
	void (*set_cr3)(struct kvm_vcpu *vcpu, unsigned long cr3);
	int (*set_cr4)(struct kvm_vcpu *vcpu, unsigned long cr4);
	unsigned long (*get_rflags)(struct kvm_vcpu *vcpu);
	void (*set_rflags)(struct kvm_vcpu *vcpu, unsigned long rflags);
	u64 (*get_segment_base)(struct kvm_vcpu *vcpu, int seg);
};

extern struct kvm_x86_ops *kvm_x86_ops;
extern u64 host_xcr0;

/* An access to an MSR: the guest's, or userspace's. */
struct msr_data {
	u32 index;
	u64 data;
};

int load_pdptrs(struct kvm_vcpu *vcpu, unsigned long cr3);
int kvm_set_cr3(struct kvm_vcpu *vcpu, unsigned long cr3);
int kvm_emulate_cpuid(struct kvm_vcpu *vcpu);
void kvm_load_guest_xcr0(struct kvm_vcpu *vcpu);
void kvm_put_guest_xcr0(struct kvm_vcpu *vcpu);

#endif

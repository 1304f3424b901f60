/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef _ASM_X86_KVM_HOST_H
#define _ASM_X86_KVM_HOST_H

#include <linux/types.h>
#include <asm/kvm_vcpu_regs.h>

enum kvm_reg {
	VCPU_REGS_RAX = __VCPU_REGS_RAX,
	//^^^^^^^^^^^ ref VCPU_REGS_RAX declare
	VCPU_REGS_RCX = __VCPU_REGS_RCX,
	VCPU_REGS_RDX = __VCPU_REGS_RDX,
	VCPU_REGS_RBX = __VCPU_REGS_RBX,
	VCPU_REGS_RSP = __VCPU_REGS_RSP,
	VCPU_REGS_RBP = __VCPU_REGS_RBP,
	VCPU_REGS_RSI = __VCPU_REGS_RSI,
	VCPU_REGS_RDI = __VCPU_REGS_RDI,
#ifdef CONFIG_X86_64
	VCPU_REGS_R8 = __VCPU_REGS_R8,
	VCPU_REGS_R9 = __VCPU_REGS_R9,
	VCPU_REGS_R10 = __VCPU_REGS_R10,
	VCPU_REGS_R11 = __VCPU_REGS_R11,
	VCPU_REGS_R12 = __VCPU_REGS_R12,
	VCPU_REGS_R13 = __VCPU_REGS_R13,
	VCPU_REGS_R14 = __VCPU_REGS_R14,
	VCPU_REGS_R15 = __VCPU_REGS_R15,
#endif
	VCPU_REGS_RIP,
	//^^^^^^^^^^^ ref VCPU_REGS_RIP declare
	NR_VCPU_REGS,

	VCPU_EXREG_PDPTR = NR_VCPU_REGS,
	VCPU_EXREG_CR0,
	VCPU_EXREG_CR3,
	VCPU_EXREG_CR4,
	VCPU_EXREG_RFLAGS,
	VCPU_EXREG_SEGMENTS,
	VCPU_EXREG_EXIT_INFO_1,
	VCPU_EXREG_EXIT_INFO_2,
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
	u32 host_pkru;
	bool guest_state_protected;
	bool xfd_no_write_intercept;
	struct fpu_guest guest_fpu;
};

struct kvm_vcpu {
	struct kvm *kvm;
	struct kvm_run *run;
	struct kvm_vcpu_arch arch;
};

struct kvm_x86_ops {
	int (*vcpu_run)(struct kvm_vcpu *vcpu);
	int (*handle_exit)(struct kvm_vcpu *vcpu);
	void (*cache_reg)(struct kvm_vcpu *vcpu, enum kvm_reg reg);
	void (*set_cr0)(struct kvm_vcpu *vcpu, unsigned long cr0);
	void (*set_cr4)(struct kvm_vcpu *vcpu, unsigned long cr4);
	void (*load_mmu_pgd)(struct kvm_vcpu *vcpu, hpa_t root_hpa, int root_level);
	unsigned long (*get_rflags)(struct kvm_vcpu *vcpu);
	void (*set_rflags)(struct kvm_vcpu *vcpu, unsigned long rflags);
	u64 (*get_segment_base)(struct kvm_vcpu *vcpu, int seg);
};

#include <asm/kvm-x86-ops.h>

extern u64 host_xcr0;

/* An access to an MSR: the guest's, or userspace's. */
struct msr_data {
	u32 index;
	u64 data;
};

int load_pdptrs(struct kvm_vcpu *vcpu, unsigned long cr3);
int kvm_set_cr3(struct kvm_vcpu *vcpu, unsigned long cr3);
int kvm_emulate_cpuid(struct kvm_vcpu *vcpu);
int kvm_emulate_hypercall(struct kvm_vcpu *vcpu);
void kvm_load_guest_xsave_state(struct kvm_vcpu *vcpu);
void kvm_load_host_xsave_state(struct kvm_vcpu *vcpu);
int __kvm_set_xcr(struct kvm_vcpu *vcpu, u32 index, u64 xcr);

#endif

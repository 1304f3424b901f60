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
	VCPU_REGS_R8 = 8,
	VCPU_REGS_R9,
	VCPU_REGS_R10,
	VCPU_REGS_R11,
	VCPU_REGS_R12,
	VCPU_REGS_R13,
	VCPU_REGS_R14,
	VCPU_REGS_R15,
#endif
#ifdef CONFIG_KVM_APX
	VCPU_REGS_R16,
	//^^^^^^^^^^^ ref VCPU_REGS_R16 declare
	VCPU_REGS_R17,
	VCPU_REGS_R18,
	VCPU_REGS_R19,
	VCPU_REGS_R20,
	//^^^^^^^^^^^ ref VCPU_REGS_R20 declare
	VCPU_REGS_R21,
	VCPU_REGS_R22,
	VCPU_REGS_R23,
	VCPU_REGS_R24,
	VCPU_REGS_R25,
	VCPU_REGS_R26,
	VCPU_REGS_R27,
	VCPU_REGS_R28,
	VCPU_REGS_R29,
	VCPU_REGS_R30,
	VCPU_REGS_R31,
	//^^^^^^^^^^^ ref VCPU_REGS_R31 declare
#endif
	NR_VCPU_GENERAL_PURPOSE_REGS,

	VCPU_REG_RIP = NR_VCPU_GENERAL_PURPOSE_REGS,
	//^^^^^^^^^^ ref VCPU_REG_RIP declare

	VCPU_REG_PDPTR,
	VCPU_REG_CR0,
	VCPU_REG_CR3,
	/* A write to CR3 clears AMD's return-address predictor too, so one bit tracks both. */
	VCPU_REG_ERAPS = VCPU_REG_CR3,
	VCPU_REG_CR4,
	VCPU_REG_RFLAGS,
	VCPU_REG_SEGMENTS,
	VCPU_REG_EXIT_INFO_1,
	VCPU_REG_EXIT_INFO_2,

	NR_VCPU_TOTAL_REGS,
};

struct kvm_vcpu_arch {
	unsigned long regs[NR_VCPU_GENERAL_PURPOSE_REGS];
	unsigned long rip;
	DECLARE_BITMAP(regs_avail, NR_VCPU_TOTAL_REGS);
	DECLARE_BITMAP(regs_dirty, NR_VCPU_TOTAL_REGS);

	unsigned long cr0;
	unsigned long cr0_guest_owned_bits;
	unsigned long cr2;
	unsigned long cr3;
	unsigned long cr4;
	unsigned long cr4_guest_owned_bits;
	u64 pdptrs[4];
	u64 efer;
	u32 hflags;

	u64 xcr0;
	u64 ia32_xss;
	u64 guest_supported_xcr0;
	u32 pkru;
	u32 host_pkru;
	bool guest_state_protected;
	bool xfd_no_write_intercept;
	struct fpu_guest guest_fpu;
	struct x86_emulate_ctxt *emulate_ctxt;
};

struct kvm_vcpu {
	struct kvm *kvm;
	struct kvm_run *run;
	struct kvm_vcpu_arch arch;
};

struct kvm_host_values {
	u64 xcr0;
	u64 xss;
};

struct kvm_caps {
	u64 supported_xcr0;
	u64 supported_xss;
};

/* An access to an MSR: the guest's, or userspace's. */
struct msr_data {
	u32 index;
	u64 data;
};

struct kvm_x86_ops {
	int (*hardware_setup)(void);
	int (*vcpu_run)(struct kvm_vcpu *vcpu, u64 run_flags);
	int (*handle_exit)(struct kvm_vcpu *vcpu);
	void (*vcpu_reset)(struct kvm_vcpu *vcpu, bool init_event);
	void (*cache_reg)(struct kvm_vcpu *vcpu, enum kvm_reg reg);
	void (*set_cr0)(struct kvm_vcpu *vcpu, unsigned long cr0);
	void (*set_cr4)(struct kvm_vcpu *vcpu, unsigned long cr4);
	void (*load_mmu_pgd)(struct kvm_vcpu *vcpu, hpa_t root_hpa, int root_level);
	unsigned long (*get_rflags)(struct kvm_vcpu *vcpu);
	void (*set_rflags)(struct kvm_vcpu *vcpu, unsigned long rflags);
	u64 (*get_segment_base)(struct kvm_vcpu *vcpu, int seg);
	int (*enter_smm)(struct kvm_vcpu *vcpu, union kvm_smram *smram);
};

#define kvm_x86_call(func) static_call(kvm_x86_##func)

#define KVM_X86_OP(func) DECLARE_STATIC_CALL(kvm_x86_##func, *(((struct kvm_x86_ops *)0)->func));
#include <asm/kvm-x86-ops.h>

extern struct kvm_host_values kvm_host;

int load_pdptrs(struct kvm_vcpu *vcpu, unsigned long cr3);
int kvm_set_cr3(struct kvm_vcpu *vcpu, unsigned long cr3);
int kvm_emulate_cpuid(struct kvm_vcpu *vcpu);
int kvm_emulate_hypercall(struct kvm_vcpu *vcpu);
int kvm_emulate_rdmsr(struct kvm_vcpu *vcpu);
int kvm_emulate_wrmsr(struct kvm_vcpu *vcpu);
int __kvm_set_xcr(struct kvm_vcpu *vcpu, u32 index, u64 xcr);

#endif

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
	//^^^^^^^^^^^ ref VCPU_REGS_RSP declare
	VCPU_REGS_RBP = __VCPU_REGS_RBP,
	VCPU_REGS_RSI = __VCPU_REGS_RSI,
	VCPU_REGS_RDI = __VCPU_REGS_RDI,
#ifdef CONFIG_X86_64
	VCPU_REGS_R8 = 8,
	//^^^^^^^^^^ ref VCPU_REGS_R8 declare
	VCPU_REGS_R9,
	VCPU_REGS_R10,
	VCPU_REGS_R11,
	VCPU_REGS_R12,
	VCPU_REGS_R13,
	VCPU_REGS_R14,
	VCPU_REGS_R15,
	//^^^^^^^^^^^ ref VCPU_REGS_R15 declare
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
	//^^^^^^^^^^^ ref VCPU_REGS_R24 declare
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
	//^^^^^^^^^^^^^^^^^^^^^^^^^^ ref NR_VCPU_GENERAL_PURPOSE_REGS declare

	VCPU_REG_RIP = NR_VCPU_GENERAL_PURPOSE_REGS,
	//^^^^^^^^^^ ref VCPU_REG_RIP declare

	NR_VCPU_TOTAL_REGS,
	//^^^^^^^^^^^^^^^^ ref NR_VCPU_TOTAL_REGS declare
};

struct kvm_vcpu_arch {
	unsigned long regs[NR_VCPU_GENERAL_PURPOSE_REGS];
	unsigned long rip;
	DECLARE_BITMAP(regs_avail, NR_VCPU_TOTAL_REGS);
	DECLARE_BITMAP(regs_dirty, NR_VCPU_TOTAL_REGS);

	u64 xcr0;
	u64 guest_supported_xcr0;
	u32 pkru;
	struct fpu_guest guest_fpu;
};

struct kvm_vcpu {
	struct kvm *kvm;
	struct kvm_run *run;
	struct kvm_vcpu_arch arch;
};

struct kvm_host_values {
	u64 xcr0;
};

struct kvm_caps {
	u64 supported_xcr0;
};

struct kvm_x86_ops {
	int (*hardware_setup)(void);
	int (*vcpu_run)(struct kvm_vcpu *vcpu, u64 run_flags);
	int (*handle_exit)(struct kvm_vcpu *vcpu);
	void (*cache_reg)(struct kvm_vcpu *vcpu, enum kvm_reg reg);
};

#define kvm_x86_call(func) static_call(kvm_x86_##func)

extern struct kvm_host_values kvm_host;
extern struct kvm_caps kvm_caps;

#endif

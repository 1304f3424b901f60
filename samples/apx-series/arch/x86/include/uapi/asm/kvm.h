/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef _UAPI_ASM_X86_KVM_H
#define _UAPI_ASM_X86_KVM_H

/* KVM_GET_REGS and KVM_SET_REGS: 16 GPRs, no room for more. */
struct kvm_regs {
	__u64 rax, rbx, rcx, rdx;
	__u64 rsi, rdi, rsp, rbp;
	__u64 r8, r9, r10, r11;
	__u64 r12, r13, r14, r15;
	__u64 rip, rflags;
};

/* KVM_GET_XSAVE and KVM_SET_XSAVE: the standard format, 4 KiB; KVM_GET_XSAVE2 for more. */
struct kvm_xsave {
	__u32 region[1024];
	__u32 extra[];
};

struct kvm_xcr {
	__u32 xcr;
	__u64 value;
};

struct kvm_xcrs {
	__u32 nr_xcrs;
	struct kvm_xcr xcrs[1];
};

#endif

/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef _UAPI_ASM_X86_KVM_H
#define _UAPI_ASM_X86_KVM_H

/* KVM_GET_REGS and KVM_SET_REGS. */
struct kvm_regs {
	__u64 rax, rbx, rcx, rdx;
	__u64 rsi, rdi, rsp, rbp;
	__u64 r8, r9, r10, r11;
	__u64 r12, r13, r14, r15;
	__u64 rip, rflags;
};

struct kvm_xsave {
	__u32 region[1024];
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

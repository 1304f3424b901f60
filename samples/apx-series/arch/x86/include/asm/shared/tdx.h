/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef _ASM_X86_SHARED_TDX_H
#define _ASM_X86_SHARED_TDX_H

/* What passes between KVM and the TDX module in registers. Neither RSP nor RBP can. */
struct tdx_module_args {
	u64 rcx, rdx;
	u64 r8, r9, r10, r11;
	u64 r12, r13, r14, r15;
	u64 rbx, rdi, rsi;
};

#endif

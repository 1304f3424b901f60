/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef _ASM_X86_SVM_H
#define _ASM_X86_SVM_H

/* AMD APM, volume 2, appendix B, table B-2. */
struct vmcb_save_area {
	u64 rip;
	u64 rsp;
	u64 rax;
};

struct vmcb {
	struct vmcb_save_area save;
};

#endif

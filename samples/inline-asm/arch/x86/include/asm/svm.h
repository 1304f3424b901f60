/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef _ASM_X86_SVM_H
#define _ASM_X86_SVM_H

struct vmcb_control_area {
	u32 intercept_cr;
	u64 exit_code;
};

/* The registers that VMRUN and #VMEXIT switch: AMD APM, volume 2, appendix B. */
struct vmcb_save_area {
	u64 cs_base;
	u64 efer;
	u64 cr4;
	u64 cr3;
	u64 cr0;
	u64 rflags;
	u64 rip;
	u64 rsp;
	u64 rax;
	u64 cr2;
};

struct vmcb {
	struct vmcb_control_area control;
	struct vmcb_save_area save;
};

#define SVM_VMLOAD ".byte 0x0f, 0x01, 0xda"
#define SVM_VMRUN ".byte 0x0f, 0x01, 0xd8"
#define SVM_VMSAVE ".byte 0x0f, 0x01, 0xdb"

#endif

/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef _ASM_X86_SVM_H
#define _ASM_X86_SVM_H

struct vmcb_control_area {
	u32 intercepts[6];
	u64 exit_code;
	u64 exit_info_1;
	u64 erap_ctl;
};

/* AMD APM, volume 2, appendix B, table B-2. */
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

/* The VMSA: encrypted once the guest is launched. Table B-4. */
struct sev_es_save_area {
	u64 cr4, cr3, cr0, rflags, rip, rsp, rax, cr2;
	u64 xss;
	u32 pkru;
	u64 rcx, rdx, rbx, rbp, rsi, rdi;
	u64 r8, r9, r10, r11, r12, r13, r14, r15;
	u64 xcr0;
};

/* The page that an SEV-ES guest shares with KVM. */
struct ghcb_save_area {
	u64 rax, rbx, rcx, rdx, rsi;
	u64 xcr0;
	u8 valid_bitmap[16];
};

struct ghcb {
	struct ghcb_save_area save;
};

#define DEFINE_GHCB_SETTER(field)							\
	static __always_inline void ghcb_set_##field(struct ghcb *ghcb, u64 value)	\
	{										\
		__set_bit(GHCB_BITMAP_IDX(field), (unsigned long *)&ghcb->save.valid_bitmap); \
		ghcb->save.field = value;						\
	}

DEFINE_GHCB_SETTER(rax)
DEFINE_GHCB_SETTER(rbx)
DEFINE_GHCB_SETTER(rcx)
DEFINE_GHCB_SETTER(rdx)

#endif

/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef _ASM_X86_VMX_H
#define _ASM_X86_VMX_H

/* Encodings: Intel SDM, volume 3, appendix B. */
enum vmcs_field {
	GUEST_PDPTR0 = 0x0000280a,
	GUEST_PDPTR1 = 0x0000280c,
	GUEST_PDPTR2 = 0x0000280e,
	GUEST_PDPTR3 = 0x00002810,
	VM_EXIT_REASON = 0x00004402,
	EXIT_QUALIFICATION = 0x00006400,
	GUEST_CR0 = 0x00006800,
	GUEST_CR3 = 0x00006802,
	GUEST_CR4 = 0x00006804,
	GUEST_CS_BASE = 0x00006808,
	GUEST_RSP = 0x0000681c,
	GUEST_RIP = 0x0000681e,
	GUEST_RFLAGS = 0x00006820,
	HOST_RSP = 0x00006c14,
	HOST_RIP = 0x00006c16,
};

#define ASM_VMX_VMLAUNCH ".byte 0x0f, 0x01, 0xc2"
#define ASM_VMX_VMRESUME ".byte 0x0f, 0x01, 0xc3"
#define ASM_VMX_VMWRITE_RSP_RDX ".byte 0x0f, 0x79, 0xd4"

#endif

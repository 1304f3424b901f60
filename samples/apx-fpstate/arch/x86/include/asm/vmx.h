/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef _ASM_X86_VMX_H
#define _ASM_X86_VMX_H

/* Encodings: Intel SDM, volume 3, appendix B. */
enum vmcs_field {
	GUEST_RSP = 0x0000681c,
	GUEST_RIP = 0x0000681e,
};

#endif

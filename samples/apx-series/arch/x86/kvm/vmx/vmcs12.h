/* A sample of KVM Register Lens: hand-written, not kernel source. */
#ifndef __KVM_X86_VMX_VMCS12_H
#define __KVM_X86_VMX_VMCS12_H

/* The VMCS that L1 wrote for L2. */
struct vmcs12 {
	u64 guest_cr3;
	u64 guest_rsp;
	u64 guest_rip;
	u64 guest_rflags;
	u64 host_rsp;
	u64 host_rip;
};

#endif

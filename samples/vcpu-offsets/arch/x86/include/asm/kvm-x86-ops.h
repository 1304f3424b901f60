/* A sample of KVM Register Lens: hand-written, not kernel source. */
#define KVM_X86_OP(func) DECLARE_STATIC_CALL(kvm_x86_##func, *(((struct kvm_x86_ops *)0)->func));

KVM_X86_OP(vcpu_run)
KVM_X86_OP(handle_exit)
KVM_X86_OP(cache_reg)
KVM_X86_OP(set_cr0)
KVM_X86_OP(set_cr4)
KVM_X86_OP(load_mmu_pgd)
KVM_X86_OP(get_rflags)
KVM_X86_OP(set_rflags)
KVM_X86_OP(get_segment_base)

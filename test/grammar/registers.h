// SYNTAX TEST "source.cpp" "the same in a header, which is C++ to VS Code"

static inline unsigned long sample(struct kvm_vcpu *vcpu)
{
    /* kvm_rax_read() of VCPU_REGS_RAX */
//     ^^^^^^^^^^^^ - support.function.register.kvm
//                       ^^^^^^^^^^^^^ - variable.other.enummember.register.kvm
    kvm_rsp_write(vcpu, vcpu->arch.regs[VCPU_REGS_RSP]);
//  ^^^^^^^^^^^^^ support.function.register.kvm
//                                      ^^^^^^^^^^^^^ variable.other.enummember.register.kvm
}

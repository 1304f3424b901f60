// SYNTAX TEST "source.c" "register enumerators and accessors in C"

static void sample(struct kvm_vcpu *vcpu)
{
    /* kvm_rax_read() of VCPU_REGS_RAX */
//     ^^^^^^^^^^^^ - support.function.register.kvm
//                       ^^^^^^^^^^^^^ - variable.other.enummember.register.kvm
    trace("VCPU_REGS_RAX");
//         ^^^^^^^^^^^^^ - variable.other.enummember.register.kvm
    vcpu->arch.regs[VCPU_REGS_RAX] = kvm_rbx_read(vcpu);
//                  ^^^^^^^^^^^^^ variable.other.enummember.register.kvm
//                                   ^^^^^^^^^^^^ support.function.register.kvm
//                                                ^^^^ - support.function.register.kvm
    kvm_r31_write_raw(vcpu, regs[VCPU_REGS_R31]);
//  ^^^^^^^^^^^^^^^^^ support.function.register.kvm
//                               ^^^^^^^^^^^^^ variable.other.enummember.register.kvm
    kvm_register_mark_dirty(vcpu, VCPU_EXREG_CR3);
//  ^^^^^^^^^^^^^^^^^^^^^^^ support.function.register.kvm
//                                ^^^^^^^^^^^^^^ variable.other.enummember.register.kvm
    return kvm_register_read(vcpu, VCPU_REG_RIP) < NR_VCPU_REGS + __VCPU_REGS_R8;
//         ^^^^^^^^^^^^^^^^^ support.function.register.kvm
//                                 ^^^^^^^^^^^^ variable.other.enummember.register.kvm
//                                                 ^^^^^^^^^^^^ variable.other.enummember.register.kvm
//                                                                ^^^^^^^^^^^^^^ variable.other.enummember.register.kvm
    kvm_read_cr3(vcpu) + kvm_read_cr0_bits(vcpu, 1) + kvm_pdptr_read(vcpu, 0);
//  ^^^^^^^^^^^^ support.function.register.kvm
//                       ^^^^^^^^^^^^^^^^^ support.function.register.kvm
//                                                    ^^^^^^^^^^^^^^ support.function.register.kvm

    // What only looks like one.
    kvm_register_irq_ack_notifier(kvm, kvm_msr_read(vcpu)) + my_kvm_rax_read() + MY_VCPU_REGS_RAX;
//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ - support.function.register.kvm
//                                     ^^^^^^^^^^^^ - support.function.register.kvm
//                                                           ^^^^^^^^^^^^^^^ - support.function.register.kvm
//                                                                               ^^^^^^^^^^^^^^^^ - variable.other.enummember.register.kvm
}

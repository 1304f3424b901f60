// SYNTAX TEST "source.kvm-asm" "operands: registers, immediates, numbers, strings, macro arguments"

    mov %rax, %_ASM_AX
//  ^^^ keyword.mnemonic.kvm-asm
//      ^ variable.other.register.kvm-asm punctuation.definition.register.kvm-asm
//      ^^^^ variable.other.register.kvm-asm
//          ^ punctuation.separator.kvm-asm - variable.other.register.kvm-asm
//            ^^^^^^^^ variable.other.register.kvm-asm
    movl %eax, %r16d
//       ^^^^ variable.other.register.kvm-asm
//             ^^^^^ variable.other.register.kvm-asm
    movb %al, %sil
//       ^^^ variable.other.register.kvm-asm
//            ^^^^ variable.other.register.kvm-asm
    movw %bp, %r9w
//       ^^^ variable.other.register.kvm-asm
//            ^^^^ variable.other.register.kvm-asm
    push2 %r31, %r20
//  ^^^^^ keyword.mnemonic.kvm-asm
//        ^^^^ variable.other.register.kvm-asm
//              ^^^^ variable.other.register.kvm-asm
    mov %r32, %raxx
//      ^^^^ - variable.other.register.kvm-asm
//            ^^^^^ - variable.other.register.kvm-asm
    vmovdqu64 %zmm31, %xmm0
//            ^^^^^^ variable.other.register.kvm-asm
//                    ^^^^^ variable.other.register.kvm-asm
    mov %cr3, %fs:0x28
//      ^^^^ variable.other.register.kvm-asm
//            ^^^ variable.other.register.kvm-asm
//                ^^^^ constant.numeric.hex.kvm-asm
    fld %st(1)
//      ^^^^^^ variable.other.register.kvm-asm
    mov $KVM_ENTER_VMRESUME, %_ASM_ARG3B
//      ^ punctuation.definition.immediate.kvm-asm
//       ^^^^^^^^^^^^^^^^^^ variable.other.constant.kvm-asm
//                           ^^^^^^^^^^^ variable.other.register.kvm-asm
    add $2*WORD_SIZE, WORD_SIZE(%_ASM_SP)
//       ^ constant.numeric.decimal.kvm-asm
//        ^ keyword.operator.kvm-asm
//         ^^^^^^^^^ variable.other.constant.kvm-asm
//                    ^^^^^^^^^ variable.other.constant.kvm-asm - entity.name.function.macro.kvm-asm
//                              ^^^^^^^^ variable.other.register.kvm-asm
    lea 8(%r31,%rax,4), %rbx
//      ^ constant.numeric.decimal.kvm-asm
//       ^ punctuation.section.parens.begin.kvm-asm
//        ^^^^ variable.other.register.kvm-asm
//                  ^ constant.numeric.decimal.kvm-asm
//                   ^ punctuation.section.parens.end.kvm-asm
    cmpb $0, _ASM_RIP(virt_rebooting)
//        ^ constant.numeric.decimal.kvm-asm
//           ^^^^^^^^ entity.name.function.macro.kvm-asm
    pop VCPU_RAX(%_ASM_AX)
//      ^^^^^^^^ variable.other.enummember.register.kvm
    mov (SVM_regs + __VCPU_REGS_R8 * WORD_SIZE)(%rdi), %r8
//                  ^^^^^^^^^^^^^^ variable.other.enummember.register.kvm
    mov \reg, (\base + 1)(\dst\()_x)
//      ^ variable.parameter.kvm-asm punctuation.definition.variable.kvm-asm
//      ^^^^ variable.parameter.kvm-asm
//             ^^^^^ variable.parameter.kvm-asm
//                        ^^^^ variable.parameter.kvm-asm
//                            ^^^ punctuation.separator.macro-argument.kvm-asm
    .byte 0xd5, 0b101, 077, 'a'
//  ^^^^^ keyword.control.directive.kvm-asm
//        ^^^^ constant.numeric.hex.kvm-asm
//              ^^^^^ constant.numeric.binary.kvm-asm
//                     ^^^ constant.numeric.decimal.kvm-asm
//                          ^^^ constant.character.kvm-asm
    .ascii "a; %rax \n # \reg"
//           ^ string.quoted.double.kvm-asm
//             ^^^^ string.quoted.double.kvm-asm - variable.other.register.kvm-asm
//                  ^^ string.quoted.double.kvm-asm
//                     ^ string.quoted.double.kvm-asm - comment

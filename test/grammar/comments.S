// SYNTAX TEST "source.kvm-asm" "comments of each kind, and what ends a statement"

    push %rax /* save; %rbx
//  ^^^^ keyword.mnemonic.kvm-asm
//               ^^^^^^^^^^ comment.block.kvm-asm
 * more */
// ^^^^ comment.block.kvm-asm
    push %rbx // mov %rax
//       ^^^^ variable.other.register.kvm-asm
//               ^^^^^^^^ comment.line.double-slash.kvm-asm
    push %rcx # mov %rax; pop
//       ^^^^ variable.other.register.kvm-asm
//              ^^^^^^^^^^^^^ comment.line.number-sign.kvm-asm
    # not a directive
//    ^^^^^^^^^^^^^^^ comment.line.number-sign.kvm-asm
#defined neither
// <-------- comment.line.number-sign.kvm-asm
    # ifdef CONFIG_X86_64
//    ^^^^^ keyword.control.directive.conditional.kvm-asm
//          ^^^^^^^^^^^^^ variable.other.constant.kvm-asm
    # endif
//    ^^^^^ keyword.control.directive.conditional.kvm-asm
    push %rax; pop %rbx ;ret
//           ^ punctuation.separator.statement.kvm-asm
//             ^^^ keyword.mnemonic.kvm-asm
//                 ^^^^ variable.other.register.kvm-asm
//                       ^^^ keyword.control.flow.kvm-asm
    jmp *%rax; /* then */ vmrun %rax
//      ^ keyword.operator.kvm-asm
//                ^^^^ comment.block.kvm-asm
//                        ^^^^^ keyword.control.vm-entry.kvm-asm

// A mistake is one statement's.
    mov 8(%rax, %rbx
//              ^^^^ variable.other.register.kvm-asm
    mov "open, %rbx
//       ^^^^ string.quoted.double.kvm-asm
    ALTERNATIVE __stringify(je 1f
//                          ^^ keyword.control.flow.kvm-asm
    mov %rbx, %rcx
//  ^^^ keyword.mnemonic.kvm-asm
//            ^^^^ variable.other.register.kvm-asm - meta.stringify.kvm-asm

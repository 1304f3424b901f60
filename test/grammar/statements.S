// SYNTAX TEST "source.kvm-asm" "labels, directives, macros, symbols, alternatives"

.section .noinstr.text, "ax", @progbits
// <-------- keyword.control.directive.section.kvm-asm
//       ^^^^^^^^^^^^^ entity.name.section.kvm-asm
//                      ^^^^ string.quoted.double.kvm-asm
//                            ^^^^^^^^^ support.constant.kvm-asm

SYM_FUNC_START(__vmx_vcpu_run)
// <-------------- storage.type.function.kvm-asm
//             ^^^^^^^^^^^^^^ entity.name.function.kvm-asm
SYM_FUNC_START_LOCAL_NOALIGN(helper)
// <---------------------------- storage.type.function.kvm-asm
//                           ^^^^^^ entity.name.function.kvm-asm
SYM_INNER_LABEL_ALIGN(vmx_vmexit, SYM_L_GLOBAL)
// <--------------------- storage.type.function.kvm-asm
//                    ^^^^^^^^^^ entity.name.function.kvm-asm
//                                ^^^^^^^^^^^^ variable.other.constant.kvm-asm
SYM_FUNC_END(__vmx_vcpu_run)
// <------------ storage.type.function.kvm-asm
//           ^^^^^^^^^^^^^^ entity.name.function.kvm-asm

global_label:
// <------------ entity.name.label.global.kvm-asm
//          ^ punctuation.separator.label.kvm-asm
.Lvmresume:
// <---------- entity.name.label.local.kvm-asm
1:  vmresume
// <- entity.name.label.numeric.kvm-asm
//  ^^^^^^^^ keyword.control.vm-entry.kvm-asm
2: 3: lock cmpxchg %rax, (%rbx)
// <- entity.name.label.numeric.kvm-asm
// ^ entity.name.label.numeric.kvm-asm
//    ^^^^ keyword.other.prefix.kvm-asm
//         ^^^^^^^ keyword.mnemonic.kvm-asm
.Lout\@: jmp .Lout\@
// <------- entity.name.label.local.kvm-asm
//   ^^ variable.language.macro-counter.kvm-asm
//       ^^^ keyword.control.flow.kvm-asm
//           ^^^^^ entity.name.label.local.kvm-asm
    jne 801b; jz .Lvmlaunch
//      ^^^^ entity.name.label.numeric.kvm-asm - constant.numeric
//            ^^ keyword.control.flow.kvm-asm
//               ^^^^^^^^^^ entity.name.label.local.kvm-asm

.macro LOAD src:req, step=8, name="a b", regs:vararg // all of them
// <------ keyword.control.directive.macro.kvm-asm
//     ^^^^ entity.name.function.macro.kvm-asm
//          ^^^ variable.parameter.kvm-asm
//              ^^^ storage.modifier.kvm-asm
//                   ^^^^ variable.parameter.kvm-asm
//                        ^ constant.numeric.decimal.kvm-asm - variable.parameter.kvm-asm
//                                 ^^^ string.quoted.double.kvm-asm - variable.parameter.kvm-asm
//                                       ^^^^ variable.parameter.kvm-asm
//                                            ^^^^^^ storage.modifier.kvm-asm
//                                                      ^^^ comment.line.double-slash.kvm-asm
.irp reg, \regs
// <---- keyword.control.directive.loop.kvm-asm
//   ^^^ variable.parameter.kvm-asm
//        ^^^^^ variable.parameter.kvm-asm
    mov (\src), \reg
//       ^^^^ variable.parameter.kvm-asm
.endr
// <----- keyword.control.directive.loop.kvm-asm
.if \host && \ret
// <--- keyword.control.directive.conditional.kvm-asm
//  ^^^^^ variable.parameter.kvm-asm
//        ^^ keyword.operator.kvm-asm
.endif /* \host */
// <------ keyword.control.directive.conditional.kvm-asm
//        ^^^^^ comment.block.kvm-asm - variable.parameter.kvm-asm
.endm
// <----- keyword.control.directive.macro.kvm-asm

    .set slot, 5; count = 7
//  ^^^^ keyword.control.directive.symbol.kvm-asm
//       ^^^^ variable.other.symbol.kvm-asm
//                ^^^^^ variable.other.symbol.kvm-asm
//                      ^ keyword.operator.assignment.kvm-asm
    .type helper, @function
//        ^^^^^^ variable.other.symbol.kvm-asm
//                ^^^^^^^^^ support.constant.kvm-asm

    LOAD_REGS %_ASM_DI, VMX_vcpu_arch_regs, \
//  ^^^^^^^^^ entity.name.function.macro.kvm-asm
//                      ^^^^^^^^^^^^^^^^^^ - keyword.mnemonic.kvm-asm
//                                          ^ punctuation.separator.continuation.kvm-asm
          %_ASM_AX, VMX_OFFSET, \
//        ^^^^^^^^ variable.other.register.kvm-asm
          NEXT_OFFSET
//        ^^^^^^^^^^^ variable.other.constant.kvm-asm - entity.name.function.macro.kvm-asm
    RET
//  ^^^ keyword.control.flow.kvm-asm

    ALTERNATIVE_2 "", \
//  ^^^^^^^^^^^^^ support.function.macro.kvm-asm
            __stringify(testl $FLAG, (%_ASM_SP); \
//          ^^^^^^^^^^^ support.function.macro.kvm-asm
//                      ^^^^^ meta.stringify.kvm-asm keyword.mnemonic.kvm-asm
//                                    ^^^^^^^^ variable.other.register.kvm-asm
                        jz .Lskip; \
//                      ^^ meta.stringify.kvm-asm keyword.control.flow.kvm-asm
                        .Lskip:), \
//                      ^^^^^^ meta.stringify.kvm-asm entity.name.label.local.kvm-asm
            X86_FEATURE_CLEAR_CPU_BUF, "jmp 1f", X86_FEATURE_MSR
//          ^^^^^^^^^^^^^^^^^^^^^^^^^ variable.other.constant.kvm-asm - meta.stringify.kvm-asm
//                                      ^^^^^^ string.quoted.double.kvm-asm
    __ASM_SIZE(push) PER_CPU_VAR(data + 8)
//  ^^^^^^^^^^ entity.name.function.macro.kvm-asm
//                   ^^^^^^^^^^^ entity.name.function.macro.kvm-asm

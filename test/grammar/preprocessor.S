// SYNTAX TEST "source.kvm-asm" "preprocessor lines"

#include <linux/linkage.h>
// <-------- keyword.control.directive.include.kvm-asm
//       ^^^^^^^^^^^^^^^^^ string.quoted.other.lt-gt.include.kvm-asm
#include "kvm-asm-offsets.h" /* ours */
//       ^^^^^^^^^^^^^^^^^^^ string.quoted.double.include.kvm-asm
//                              ^^^^ comment.block.kvm-asm
#if defined(CONFIG_X86_64) && BITS_PER_LONG == 64
// <--- keyword.control.directive.conditional.kvm-asm
//  ^^^^^^^ keyword.operator.defined.kvm-asm
//          ^^^^^^^^^^^^^ variable.other.constant.kvm-asm
//                                          ^^ keyword.operator.kvm-asm
//                                             ^^ constant.numeric.decimal.kvm-asm
#error don't "build
// <------ keyword.control.directive.diagnostic.kvm-asm
//     ^^^^^ string.unquoted.kvm-asm
#endif /* CONFIG_X86_64 */
// <------ keyword.control.directive.conditional.kvm-asm
//        ^^^^^^^^^^^^^ comment.block.kvm-asm
#define VCPU_RCX (SVM_regs + __VCPU_REGS_RCX * WORD_SIZE)
// <------- keyword.control.directive.define.kvm-asm
//      ^^^^^^^^ variable.other.enummember.register.kvm
//                           ^^^^^^^^^^^^^^^ variable.other.enummember.register.kvm
#define PAIR(x, y) .ascii #x; mov x##y, %gs:y
//      ^^^^ entity.name.function.preprocessor.kvm-asm
//           ^ variable.parameter.preprocessor.kvm-asm
//                 ^^^^^^ keyword.control.directive.kvm-asm
//                        ^^ - comment
//                            ^^^ keyword.mnemonic.kvm-asm
//                                 ^^ keyword.operator.preprocessor.kvm-asm
//                                      ^^^ variable.other.register.kvm-asm
#define CLEAR_BUFFERS \
    ALTERNATIVE "", __CLEAR, \
//  ^^^^^^^^^^^ meta.preprocessor.define.kvm-asm support.function.macro.kvm-asm
        X86_FEATURE_CLEAR
//      ^^^^^^^^^^^^^^^^^ meta.preprocessor.define.kvm-asm variable.other.constant.kvm-asm
    vmlaunch
//  ^^^^^^^^ keyword.control.vm-entry.kvm-asm - meta.preprocessor.define.kvm-asm

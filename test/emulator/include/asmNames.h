/* Hand-written, not kernel source: the registers as asm() names them in a 64-bit kernel (asm/asm.h). */
#ifndef _TEST_ASM_NAMES_H
#define _TEST_ASM_NAMES_H

#define _ASM_AX "rax"
#define _ASM_CX "rcx"
#define _ASM_DX "rdx"
#define _ASM_BX "rbx"
#define _ASM_SP "rsp"
#define _ASM_BP "rbp"
#define _ASM_SI "rsi"
#define _ASM_DI "rdi"

#endif

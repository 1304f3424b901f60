/* Hand-written, not kernel source: what the world switches of the tests need of the kernel's headers, to be assembled. */
#ifndef _TEST_KERNEL_H
#define _TEST_KERNEL_H

#define CONFIG_X86_64
#define CONFIG_KVM_AMD_SEV
#define BITS_PER_LONG 64
#define BIT(nr) (1 << (nr))

#define __ASM_SIZE(op) #op "q"

#ifdef __ASSEMBLER__

#define _ASM_AX rax
#define _ASM_CX rcx
#define _ASM_DX rdx
#define _ASM_BX rbx
#define _ASM_SP rsp
#define _ASM_BP rbp
#define _ASM_SI rsi
#define _ASM_DI rdi
#define _ASM_ARG1 rdi
#define _ASM_ARG2 rsi
#define _ASM_ARG3 rdx
#define _ASM_ARG3B dl
#define _ASM_RIP(x) x(%rip)
#define _ASM_EXTABLE(from, to)

#define SYM_L_GLOBAL .globl
#define SYM_FUNC_START(name) .globl name; name:
#define SYM_FUNC_START_LOCAL(name) name:
#define SYM_FUNC_END(name)
#define SYM_INNER_LABEL(name, linkage) name:
#define SYM_INNER_LABEL_ALIGN(name, linkage) name:
#define RET ret
#define FRAME_BEGIN push %rbp; mov %rsp, %rbp
#define FRAME_END pop %rbp
#define PER_CPU_VAR(variable) variable
#define MSR_IA32_SPEC_CTRL 0x48

/* What is there before anything is patched, or what is patched in. */
	.macro ALTERNATIVE old new feature
	.if PATCHED
	\new
	.else
	\old
	.endif
	.endm

#else

#include "asmNames.h"
#define __ex(instruction) instruction
#define HOST_RSP 0x6c14

#define __always_inline
#define __init
#define __used
#define offsetof(type, member) __builtin_offsetof(type, member)
#define container_of(pointer, type, member) ((type *)((char *)(pointer) - offsetof(type, member)))

typedef _Bool bool;
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;
typedef unsigned long ulong;

#endif

#endif

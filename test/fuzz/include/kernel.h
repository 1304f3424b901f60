/* Hand-written, not kernel source: what the C code of the samples needs of the kernel's headers to be parsed as a compiler does. */
#ifndef _TEST_FUZZ_KERNEL_H
#define _TEST_FUZZ_KERNEL_H

#define CONFIG_X86_64 1
#define CONFIG_KVM_AMD_SEV 1
#define __always_inline inline
#define noinstr
#define noinline
#define __init
#define __initdata
#define __used
#define __user
#define __ro_after_init
#define __read_mostly
#define __packed
#define __aligned(bytes)
#define asmlinkage

#define IS_ENABLED(option) 1
#define BIT(nr) (1UL << (nr))
#define BIT_ULL(nr) (1ULL << (nr))
#define GENMASK(high, low) (((2UL << (high)) - 1) & ~((1UL << (low)) - 1))
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define offsetof(type, member) __builtin_offsetof(type, member)
#define container_of(pointer, type, member) ((type *)((char *)(pointer) - offsetof(type, member)))
#define DECLARE_BITMAP(name, bits) unsigned long name[((bits) + 63) / 64]
#define DECLARE_STATIC_CALL(name, type) extern __typeof__(type) name##_called
#define static_call(name) name##_called
#define for_each_set_bit(bit, bits, size) for ((bit) = 0; (bit) < (size); (bit)++)
#define DEFINE_PER_CPU(type, name) type name
#define DECLARE_PER_CPU(type, name) extern type name
#define EXPORT_SYMBOL_GPL(name) extern int exported_##name
#define EXPORT_SYMBOL_FOR_KVM_INTERNAL(name) extern int exported_##name
#define OFFSET(symbol, structure, member) ((void)offsetof(struct structure, member))
#define __ex(instruction) instruction
#define __stringify(...) #__VA_ARGS__
#define REX_PREFIX ""
#define __ASM_SIZE(op) #op "q"
#define alternative(old, new, feature) asm volatile(old)
#include "../../emulator/include/asmNames.h"
#define true 1
#define false 0
#define NULL ((void *)0)
#define bool _Bool

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef u8 __u8;
typedef u16 __u16;
typedef u32 __u32;
typedef u64 __u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;
typedef unsigned long ulong;
typedef unsigned long size_t;
typedef u64 hpa_t;
typedef u64 gpa_t;
typedef u64 gva_t;
typedef u64 gfn_t;

struct tdx_vp {
	u64 of_module;
};
struct membuf {
	void *p;
	size_t left;
};

/* Included by headers of the kernel that no sample has. */
#if __has_include(<asm/fpu/types.h>)
#include <asm/fpu/types.h>
#endif
#if __has_include(<uapi/asm/kvm.h>)
#include <uapi/asm/kvm.h>
#endif

#endif

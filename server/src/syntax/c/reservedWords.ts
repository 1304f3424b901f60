/** Macros that say something of a function, a type or an object and are no name of it. */
const ATTRIBUTES: ReadonlySet<string> = new Set(
  [
    // Section placement: linux/init.h, linux/cache.h, linux/compiler_types.h.
    '__init __exit __initdata __initconst __exitdata __ref __refdata __meminit __cpuidle __ro_after_init __read_mostly',
    'noinstr notrace __noendbr __entry_text __cold __lockfunc',
    // Inlining and linkage: linux/compiler_types.h, linux/linkage.h.
    '__always_inline noinline __noinline noinline_for_stack __flatten __noclone asmlinkage __visible __weak __used',
    '__maybe_unused __always_unused __noreturn __must_check __pure __attribute_const__ __malloc __packed __bpf_kfunc',
    // Sanitizers: linux/compiler_types.h.
    '__no_kcsan __no_kasan_or_inline __no_sanitize_address __no_sanitize_undefined __no_sanitize_memory',
    '__no_kcsan_or_inline __no_stack_protector __nocfi __no_randomize_layout __randomize_layout __latent_entropy',
    // Address spaces and sparse: linux/compiler_types.h.
    '__user __kernel __iomem __percpu __rcu __force __bitwise __private __nonstring',
  ].flatMap((words) => words.split(' ')),
);

/** As above, with arguments in parentheses. */
const ATTRIBUTE_CALLS: ReadonlySet<string> = new Set(
  [
    '__attribute__ __printf __scanf __aligned __section __acquires __releases __must_hold __acquire_shared __counted_by',
    '__free __alloc_size __assume_aligned __designated_init __no_sanitize __diagnose_as __cacheline_group_begin',
    '__nonnull',
  ].flatMap((words) => words.split(' ')),
);

/** Words that may stand before `(` and are neither functions nor macros of the kernel. */
const KEYWORDS: ReadonlySet<string> = new Set(
  [
    'if while for switch return case goto sizeof typeof __typeof__ defined',
    'asm __asm__ volatile __volatile__ inline',
  ].flatMap((words) => words.split(' ')),
);

/** Words of C that name nothing (C11 6.4.1), but for types and what the kernel's macros are given. */
const RESERVED: ReadonlySet<string> = new Set(
  [
    'auto break case continue default do else enum extern for goto if register return static struct switch typedef union',
    'while const volatile unsigned signed',
  ].flatMap((words) => words.split(' ')),
);

/** Whether a word cannot be the name of anything in C. */
export function isReserved(word: string): boolean {
  return RESERVED.has(word);
}

const HALF_RESERVED: ReadonlySet<string> = new Set(Array.from(RESERVED, (word) => word.slice(0, -1)));

/** Whether a word lacks the last character of a word that names nothing in C, or has one more. */
export function isHalfReserved(word: string): boolean {
  return !isReserved(word) && (HALF_RESERVED.has(word) || isReserved(word.slice(0, -1)));
}

/** The types that C and the kernel have names for (linux/types.h), a word at a time. */
const TYPE_WORDS: ReadonlySet<string> = new Set(
  'void bool char short int long signed unsigned float double u8 u16 u32 u64 s8 s16 s32 s64'.split(' '),
);

/** Whether a word is a type, or a part of one: `unsigned`, `u64`. */
export function isTypeWord(word: string): boolean {
  return TYPE_WORDS.has(word);
}

/** Whether a word is an attribute without arguments: `__initdata`. */
export function isAttribute(word: string): boolean {
  return ATTRIBUTES.has(word);
}

/** Whether a word before `(` is an attribute with arguments: `__aligned`. */
export function isAttributeCall(word: string): boolean {
  return ATTRIBUTE_CALLS.has(word);
}

/** Whether a word before `(` belongs to the language: `if`, `sizeof`. */
export function isKeyword(word: string): boolean {
  return KEYWORDS.has(word);
}

import { guardText } from '../../server/src/syntax/conditions/guard.js';
import type { FileFacts } from '../../server/src/facts/fileFacts.js';
import type { Reference } from '../../server/src/facts/registers/reference.js';
import type { TreeSymbols } from '../../server/src/facts/symbols/treeSymbols.js';
import { modelOf } from '../engine.js';

/** Where a fixture's own file is. */
export const CODE = 'arch/x86/kvm/code.c';

/** A small register cache in our own words: registers, the cache's struct, accessors, functions that take a number. */
export const CACHE: Readonly<Record<string, string>> = {
  'arch/x86/include/asm/kvm_host.h': `
enum kvm_reg {
	VCPU_REGS_RAX = 0,
	VCPU_REGS_RCX = 1,
	VCPU_REGS_RDX = 2,
	VCPU_REGS_RBX = 3,
	VCPU_REGS_RSP = 4,
	VCPU_REGS_RIP,
	NR_VCPU_REGS,

	VCPU_EXREG_PDPTR = NR_VCPU_REGS,
	VCPU_EXREG_CR3,
};
struct kvm_vcpu_arch {
	unsigned long regs[NR_VCPU_REGS];
	u32 regs_avail;
	u32 regs_dirty;
	unsigned long cr3;
	u64 pdptrs[4];
};
struct kvm_vcpu {
	struct kvm_vcpu_arch arch;
};
`,
  'arch/x86/kvm/kvm_cache_regs.h': `
#define BUILD_KVM_GPR_ACCESSORS(lname, uname)						\\
static __always_inline unsigned long kvm_##lname##_read(struct kvm_vcpu *vcpu)		\\
{											\\
	return vcpu->arch.regs[VCPU_REGS_##uname];					\\
}											\\
static __always_inline void kvm_##lname##_write(struct kvm_vcpu *vcpu, unsigned long val) \\
{											\\
	vcpu->arch.regs[VCPU_REGS_##uname] = val;					\\
}
BUILD_KVM_GPR_ACCESSORS(rax, RAX)
BUILD_KVM_GPR_ACCESSORS(rcx, RCX)
BUILD_KVM_GPR_ACCESSORS(rdx, RDX)

static inline bool kvm_register_is_available(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	return test_bit(reg, (unsigned long *)&vcpu->arch.regs_avail);
}
static inline bool kvm_register_is_dirty(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	return test_bit(reg, (unsigned long *)&vcpu->arch.regs_dirty);
}
static inline void kvm_register_mark_available(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	__set_bit(reg, (unsigned long *)&vcpu->arch.regs_avail);
}
static inline void kvm_register_mark_dirty(struct kvm_vcpu *vcpu, enum kvm_reg reg)
{
	__set_bit(reg, (unsigned long *)&vcpu->arch.regs_avail);
	__set_bit(reg, (unsigned long *)&vcpu->arch.regs_dirty);
}
static inline unsigned long kvm_register_read_raw(struct kvm_vcpu *vcpu, int reg)
{
	if (!kvm_register_is_available(vcpu, reg))
		kvm_x86_call(cache_reg)(vcpu, reg);
	return vcpu->arch.regs[reg];
}
static inline void kvm_register_write_raw(struct kvm_vcpu *vcpu, int reg, unsigned long val)
{
	vcpu->arch.regs[reg] = val;
	kvm_register_mark_dirty(vcpu, reg);
}
static inline unsigned long kvm_rsp_read(struct kvm_vcpu *vcpu)
{
	return kvm_register_read_raw(vcpu, VCPU_REGS_RSP);
}
static inline void kvm_rsp_write(struct kvm_vcpu *vcpu, unsigned long val)
{
	kvm_register_write_raw(vcpu, VCPU_REGS_RSP, val);
}
static inline u64 kvm_read_edx_eax(struct kvm_vcpu *vcpu)
{
	return (kvm_rax_read(vcpu) & -1u) | ((u64)(kvm_rdx_read(vcpu) & -1u) << 32);
}
`,
};

/** What is known of `text` as a file of a tree with {@link CACHE}. `more` adds files or puts others in their place. */
export async function factsOf(text: string, more: Readonly<Record<string, string>> = {}): Promise<FileFacts> {
  const model = await modelOf({ ...CACHE, ...more, [CODE]: text });
  const facts = model.files.get(CODE)?.facts;
  if (!facts) throw new Error('no facts');
  return facts;
}

/** The names of a tree with {@link CACHE} in which `more` are added or put in place. */
export async function symbolsOf(more: Readonly<Record<string, string>>): Promise<TreeSymbols> {
  return (await modelOf({ ...CACHE, ...more })).symbols;
}

/** A fixture with its cursors, `$0`, taken out: `f($0x)` is `f(x)` and 2. */
export function withCursors(marked: string): { readonly text: string; readonly cursors: readonly number[] } {
  const [first = '', ...others] = marked.split('$0');
  const cursors: number[] = [];
  let text = first;
  for (const piece of others) {
    cursors.push(text.length);
    text += piece;
  }
  return { text, cursors };
}

/** The references at a fixture's cursors, in a function of a vCPU around `body`; one list for each cursor. */
export async function referencesAt(body: string, more: Readonly<Record<string, string>> = {}): Promise<Reference[][]> {
  const { text, cursors } = withCursors(`static int code(struct kvm_vcpu *vcpu, int a, int b)\n{\n${body}\n}\n`);
  const { references } = await factsOf(text, more);
  return cursors.map((cursor) => references.filter((reference) => reference.start === cursor));
}

/** As {@link referencesAt}, in brief: `read VCPU_REGS_RAX`, `indirect write VCPU_REGS_RDX`. */
export async function kindsAt(body: string, more: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const found = await referencesAt(body, more);
  return found.map((references) =>
    references.map((r) => `${r.isIndirect ? 'indirect ' : ''}${r.kind} ${r.register ?? 'null'}`).join(', '),
  );
}

/** The guards at a fixture's cursors, as {@link referencesAt}. */
export async function guardsAt(body: string): Promise<(readonly string[] | undefined)[]> {
  return (await referencesAt(body)).map(([reference]) => reference?.guards.map(guardText));
}

import fc from 'fast-check';
import type { TreeText } from '../../server/src/model/readTree.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { changed, changes, type Change } from '../mutations.js';
import { CACHE, CODE } from './fixture.js';

/** An edit of a file: random changes, or a word that becomes another of the tree. Numbers of any size pick one of what there is. */
export interface Edit {
  readonly file: number;
  readonly changes: readonly Change[];
  readonly word: number;
  readonly by: number;
}

/** Random edits. */
export const edits: fc.Arbitrary<Edit> = fc.record({
  file: fc.nat(),
  // Most edits leave code that says something.
  changes: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: changes }),
  word: fc.nat(),
  by: fc.nat(),
});

/** Code that asks for what the small cache does not have: macros of its own, a vendor's structs, a callback, a number by its bits. */
const TREE: Readonly<Record<string, string>> = {
  ...CACHE,
  'arch/x86/kvm/vmx/vmx.h': `
#define USED BIT(VCPU_REGS_RSP)
#define SAVED (USED | BIT(VCPU_REGS_RIP))
#define to_vmx(v) ((struct vcpu_vmx *)(v))
#define CACHED(REG) vcpu->arch.regs[VCPU_REGS_##REG]
struct vcpu_vmx {
	struct kvm_vcpu vcpu;
	struct {
		u32 reg;
		struct kvm_regs *saved;
	} exit;
};
struct vmx_ops {
	void (*cache)(struct kvm_vcpu *vcpu);
};
struct kvm_vcpu *vmx_vcpu(struct vcpu_vmx *vmx);
`,
  [CODE]: `
#define LOCAL kvm_rax_write
static void vmx_cache(struct kvm_vcpu *vcpu)
{
	CACHED(RSP) = vmcs_readl(GUEST_RSP);
	vcpu->arch.regs_avail |= SAVED;
}
static void vmx_set(struct vmx_ops *ops, struct vcpu_vmx *vmx)
{
	ops->cache = vmx_cache;
	vmx->exit.saved->rax = kvm_rax_read(&vmx->vcpu);
	LOCAL(vmx_vcpu(vmx), vmx->exit.reg);
}
static int vmx_decode(struct kvm_vcpu *vcpu, u32 info)
{
	int reg = (info >> 3) & 0xf;
	if (to_vmx(vcpu)->exit.reg == VCPU_REGS_RCX)
		return kvm_register_read(vcpu, reg);
	vmcs_writel(GUEST_RIP, vcpu->arch.regs[reg]);
	return reg;
}
`,
};

const files = Object.entries(TREE).map(([path, text]) => ({ path, text }));

/** A small tree, as it is before all edits. */
export const TREE_TEXT: TreeText = { root: '/tree', kernel: null, files, problems: [] };

const names = [...new Set(files.flatMap(({ text }) => wordsOf(text).map(({ word }) => word)))];

/** A file's edit is one of those of its `#define`s, structs and enums as often as one of all: what other files ask for. */
export function edited(tree: TreeText, edit: Edit): TreeText {
  const file = tree.files[edit.file % tree.files.length];
  if (!file) return tree;
  const words = wordsOf(file.text);
  const declared = words.filter(({ isDeclared }) => isDeclared);
  const choice = edit.word % 2 === 0 && declared.length > 0 ? declared : words;
  const at = choice[Math.floor(edit.word / 2) % choice.length];
  const by = names[edit.by % names.length] ?? '';
  const replaced = at ? file.text.slice(0, at.start) + by + file.text.slice(at.start + at.word.length) : file.text;
  const text = changed(replaced, edit.changes);
  return { ...tree, files: tree.files.map((one) => (one === file ? { ...file, text } : one)) };
}

/** The words of a text, and whether each stands in a line that is indented once or defines a macro. */
function wordsOf(text: string): { readonly word: string; readonly start: number; readonly isDeclared: boolean }[] {
  return Array.from(text.matchAll(/\b[A-Za-z_]\w*/g), ({ 0: word, index }) => {
    const line = text.slice(text.lastIndexOf('\n', index) + 1, index);
    return { word, start: index, isDeclared: /^\s*#\s*define\b|^\t\S*$|^\t(?:struct|u\d+|int|unsigned)\b/.test(line) };
  });
}

/** All facts of a model, those of registers' numbers included, members in the order of their names. */
export function factsText({ files: read, numbers }: RegisterModel): string {
  const facts = { files: [...read].map(([path, file]) => [path, file.facts]), numbers: numbers() };
  return JSON.stringify(facts, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : plain(value)), 1);
}

function plain(value: unknown): unknown {
  if (value instanceof Map || value instanceof Set) return Array.from<unknown>(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

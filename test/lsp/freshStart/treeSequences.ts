import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { changed, changes, type Change } from '../../mutations.js';
import { samplePath } from '../../samples.js';

/** What somebody does to a tree, in the editor or beside it. `file` is a number of any size that picks one. */
export type Step =
  | { readonly kind: 'edit' | 'write'; readonly file: number; readonly changes: readonly Change[] }
  | { readonly kind: 'undo' | 'close' | 'move' | 'remove'; readonly file: number };

/** What follows an editor's documents and is told when the disk is another. */
export interface Follower {
  readonly open: (path: string, text: string) => void;
  readonly change: (path: string, before: string, after: string) => void;
  readonly close: (path: string) => void;
  readonly diskChanged: () => void;
}

const FILES = [
  'arch/x86/include/asm/kvm_vcpu_regs.h',
  'arch/x86/include/asm/kvm_host.h',
  'arch/x86/kvm/kvm_cache_regs.h',
  'arch/x86/kvm/kvm-asm-offsets.c',
  'arch/x86/kvm/cpuid.c',
  'arch/x86/kvm/vmx/vmx.c',
  'arch/x86/kvm/vmx/vmenter.S',
];

/** Pieces of what the answers are made of, besides what breaks a reader. */
const pieces = fc.constantFrom(
  '\tVCPU_REGS_R16,\n',
  '#define __VCPU_REGS_R8 9\n',
  '\n#define BUILD_KVM_GPR_ACCESSORS(lname, uname) \\\n',
  'BUILD_KVM_GPR_ACCESSORS(rsp, RSP)\n',
  '\n#define MOVED (BIT(VCPU_REGS_RSP) | BIT(VCPU_EXREG_CR3))\n',
  '\nvoid f(struct kvm_vcpu *vcpu)\n{\n\tkvm_rax_write(vcpu, vcpu->arch.regs[VCPU_REGS_RBX]);\n}\n',
  '\tmov VCPU_RCX(%_ASM_AX), %_ASM_CX\n',
  '\n#define VCPU_RCX (WORD_SIZE * 2)\n',
);

const file = fc.nat(1000);
const pieceAt = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat(20), by: pieces });
const anyChanges = fc.oneof(changes, fc.array(pieceAt, { minLength: 1, maxLength: 3 }));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('edit', 'write'), file, changes: anyChanges }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('undo', 'close', 'move', 'remove'), file }) },
);

/** Random sequences of steps. */
export const sequences: fc.Arbitrary<readonly Step[]> = fc.array(step, { minLength: 1, maxLength: 6 });

/** Writes the tree that sequences begin with: a part of a sample with some of its registers, as it is read so often. */
export function writeSmallTree(root: string): void {
  for (const path of FILES) {
    const text = readFileSync(join(samplePath('vcpu-offsets'), path), 'utf8');
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text.replace(/^.*R(?:9|1[0-5]|DX|SI|DI|BP)\b.*\n/gm, ''));
  }
}

/** Does the steps to a tree and tells the follower; the documents that are open in the end, by path. */
export function doSteps(root: string, steps: readonly Step[], follower: Follower): ReadonlyMap<string, string> {
  /** The texts that each open document had, the present one last. */
  const open = new Map<string, readonly string[]>();
  const paths = [...FILES];
  steps.forEach((step, i) => {
    const isOfDocument = step.kind === 'undo' || step.kind === 'close';
    const choice = isOfDocument ? [...open.keys()] : paths;
    const index = step.file % choice.length;
    const path = choice[index];
    if (path === undefined) return;
    const texts = open.get(path) ?? [];
    const before = texts.at(-1);
    const onDisk = join(root, path);
    switch (step.kind) {
      case 'edit': {
        const text = before ?? (existsSync(onDisk) ? readFileSync(onDisk, 'utf8') : '');
        const after = changed(text, step.changes);
        if (before === undefined) follower.open(path, text);
        follower.change(path, text, after);
        open.set(path, [...texts, ...(before === undefined ? [text] : []), after]);
        return;
      }
      case 'undo': {
        const earlier = texts.at(-2);
        if (before === undefined || earlier === undefined) return;
        follower.change(path, before, earlier);
        open.set(path, texts.slice(0, -1));
        return;
      }
      case 'close':
        if (open.delete(path)) follower.close(path);
        return;
      case 'write':
        if (!existsSync(onDisk)) return;
        writeFileSync(onDisk, changed(readFileSync(onDisk, 'utf8'), step.changes));
        break;
      case 'move': {
        if (!existsSync(onDisk)) return;
        const moved = path.replace(/\w+(?=\.\w$)/, `kvm_moved${i}`);
        renameSync(onDisk, join(root, moved));
        paths[index] = moved;
        break;
      }
      case 'remove':
        rmSync(onDisk, { force: true });
    }
    follower.diskChanged();
  });
  return new Map([...open].map(([path, texts]) => [path, texts.at(-1) ?? '']));
}

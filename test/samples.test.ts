import { describe, expect, it } from 'vitest';
import { findKernelTree } from '../server/src/tree/findKernelTree.js';
import { loadTree, type LoadedTree } from '../server/src/tree/loadTree.js';
import { readMarks, type Mark } from './marks.js';
import { sampleNames, samplePath } from './samples.js';

/** The kinds of `kvm-regs refs --json`. */
const kinds =
  'declare define read write readwrite address case mask argument mark-available mark-dirty mark-reload ' +
  'test-available test-dirty asm-load asm-store other';

describe.each(sampleNames())('samples/%s', (name) => {
  it('is a kernel tree, and every file of it is read', () => {
    const tree = load(name);
    expect(tree.kernel).toMatch(/^\d+\.\d+\.\d+$/);
    expect(tree.problems).toEqual([]);
    expect(tree.files.map((file) => file.path)).toEqual(
      expect.arrayContaining(['arch/x86/include/asm/kvm_host.h', 'arch/x86/kvm/x86.c']),
    );
  });

  it('has marks, each of one whole token', () => {
    const marks = load(name).files.flatMap((file) => readMarks(file.path, file.text).map((mark) => ({ mark, file })));
    expect(marks.length).toBeGreaterThanOrEqual(25);
    for (const { mark, file } of marks) {
      const line = file.text.split('\n')[mark.line - 1] ?? '';
      expect(tokens(line), `${mark.file}:${mark.line}`).toContainEqual(spanOf(mark));
      expect(mark.text).toMatch(new RegExp(`^ref (null|(VCPU|NR)_\\w+) (${kinds.replaceAll(' ', '|')})$`));
    }
  });
});

function load(name: string): LoadedTree {
  const found = findKernelTree(samplePath(name));
  if ('missing' in found) throw new Error(found.missing);
  return loadTree(found.tree);
}

function spanOf(mark: Mark): { column: number; length: number } {
  return { column: mark.column, length: mark.length };
}

/** Names, registers and operands of a line: `kvm_rsp_read`, `%_ASM_AX`, `%c[rax]`. */
function tokens(line: string): { column: number; length: number }[] {
  return [...line.matchAll(/%c\[\w+\]|%?\w+/g)].map((match) => ({ column: match.index + 1, length: match[0].length }));
}

import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findKernelTree } from '../../server/src/tree/findKernelTree.js';
import { loadTree, type LoadedTree } from '../../server/src/tree/loadTree.js';
import { largestFile } from '../../server/src/tree/disk.js';
import { readSourceFile } from '../../server/src/tree/readSourceFile.js';
import { describeKernels } from '../kernels.js';
import { temporaryTree } from './temporaryTree.js';

const kvm = 'arch/x86/kvm';

function load(path: string): LoadedTree {
  const found = findKernelTree(path);
  if ('missing' in found) throw new Error(found.missing);
  return loadTree(found.tree);
}

function paths(tree: LoadedTree): readonly string[] {
  return tree.files.map((file) => file.path);
}

describe('what is loaded', () => {
  it('is KVM and what it needs to say about registers, sorted', () => {
    const wanted = [
      'arch/x86/include/asm/asm.h',
      'arch/x86/include/asm/fpu/xcr.h',
      'arch/x86/include/asm/kvm_host.h',
      'arch/x86/include/asm/shared/tdx.h',
      'arch/x86/include/uapi/asm/kvm.h',
      'arch/x86/kernel/fpu/core.c',
      'arch/x86/kvm/new/place/run.S',
      'arch/x86/kvm/x86.c',
      'arch/x86/virt/vmx/tdx/seamcall.S',
      'include/linux/kvm_host.h',
      'include/uapi/linux/kvm.h',
      'virt/kvm/kvm_main.c',
    ];
    const others = [
      'arch/x86/kvm/Kconfig',
      'arch/x86/kvm/.#x86.c',
      'arch/x86/kvm/x86.o',
      'arch/x86/kvm/hyp.lds.S',
      'arch/x86/include/asm/io.h',
    ];
    const root = temporaryTree(
      Object.fromEntries([...wanted, ...others, 'drivers/a.c'].map((path) => [path, `/* ${path} */`])),
    );
    const tree = load(root);
    expect(paths(tree)).toEqual(wanted);
    expect(tree.files[0]?.text).toBe('/* arch/x86/include/asm/asm.h */');
    expect(tree).toMatchObject({ root, kernel: null, problems: [] });
  });

  it('is also what KVM’s assembly includes of the architecture’s headers, and what that includes', () => {
    const asm = 'arch/x86/include/asm';
    const root = temporaryTree({
      [`${kvm}/x86.c`]: '#include <asm/io.h>',
      [`${kvm}/svm/vmenter.S`]: '#include <asm/dwarf2.h>\n#include <asm/missing.h>\n#include <linux/stddef.h>\n',
      [`${asm}/dwarf2.h`]: '# include <asm/dwarf2-cfi.h>\n',
      [`${asm}/dwarf2-cfi.h`]: '#include <asm/dwarf2.h>\n',
      [`${asm}/io.h`]: '',
      'include/linux/stddef.h': '',
    });
    const headers = [`${asm}/dwarf2-cfi.h`, `${asm}/dwarf2.h`];
    expect(paths(load(root))).toEqual([...headers, `${kvm}/svm/vmenter.S`, `${kvm}/x86.c`]);
    expect(load(root).problems).toEqual([]);
  });

  it('is also what headers on the way include for assembly, and what of all architectures’ headers is for assembly or of macros alone', () => {
    const asm = 'arch/x86/include/asm';
    const root = temporaryTree({
      [`${kvm}/svm/vmenter.S`]: '#include "../run/switch.h"\n#include <linux/regs.h>\n#include <asm-generic/word.h>\n',
      [`${kvm}/run/switch.h`]:
        '#ifndef __ASSEMBLER__\n#include <asm/c.h>\n#else\n#include <asm/fpu-regs/save.h>\n#endif\n',
      [`${asm}/c.h`]: '.macro C\n.endm\n',
      [`${asm}/fpu-regs/save.h`]: '.macro SAVE\n.endm\n',
      'include/linux/regs.h':
        '#include <linux/deep.h>\n#include <linux/string.h>\n#include <asm/entry.h>\n#ifdef __ASSEMBLY__\n#endif\n',
      'include/linux/deep.h': '.macro DEEP\n.endm\n',
      'include/linux/string.h': '// of a name\n/* for\n asm() too */\n#define of(x) \\\n\t#x\n',
      [`${asm}/entry.h`]: '#define PUSH_ALL \\\n\tpush %rax\n',
      'include/asm-generic/word.h': '#define WORD 8\nstruct word;\n',
    });
    expect(paths(load(root))).toEqual([
      `${asm}/entry.h`,
      `${asm}/fpu-regs/save.h`,
      `${kvm}/run/switch.h`,
      `${kvm}/svm/vmenter.S`,
      'include/linux/regs.h',
      'include/linux/string.h',
    ]);
    expect(paths(load(join(root, 'arch/x86')))).toEqual(paths(load(root)));
  });

  it('is no assembly of other assemblers, which is told', () => {
    const root = temporaryTree({
      [`${kvm}/x86.c`]: '',
      [`${kvm}/svm/vmenter.asm`]: '',
      'include/asm-generic/Kbuild.asm': '',
    });
    const { files, problems } = load(root);
    expect(files.map(({ path }) => path)).toEqual([`${kvm}/x86.c`]);
    expect(problems).toEqual([{ file: `${kvm}/svm/vmenter.asm`, message: 'MASM or NASM assembly is not read' }]);
  });

  it('has paths relative to the part that was copied out', () => {
    const root = temporaryTree({ 'x86.c': '', 'vmx/vmx.c': '' });
    expect(paths(load(root))).toEqual(['vmx/vmx.c', 'x86.c']);
    const x86 = temporaryTree({ 'kvm/vmx/vmx.c': '', 'include/asm/kvm_host.h': '' });
    expect(paths(load(x86))).toEqual(['include/asm/kvm_host.h', 'kvm/vmx/vmx.c']);
  });
});

describe('symbolic links', () => {
  it('within the tree count once, as what they lead to', () => {
    const root = temporaryTree({ [`${kvm}/x86.c`]: '', [`${kvm}/vmx/vmx.c`]: '' });
    symlinkSync('x86.c', join(root, kvm, 'same.c'));
    symlinkSync('vmx', join(root, kvm, 'intel'));
    expect(load(root)).toMatchObject({ files: [{ path: `${kvm}/vmx/vmx.c` }, { path: `${kvm}/x86.c` }], problems: [] });
  });

  it('may form loops', () => {
    const root = temporaryTree({ [`${kvm}/x86.c`]: '' });
    symlinkSync('..', join(root, kvm, 'up'));
    symlinkSync('.', join(root, kvm, 'here'));
    symlinkSync('self.c', join(root, kvm, 'self.c'));
    const tree = load(root);
    expect(paths(tree)).toEqual([`${kvm}/x86.c`]);
    expect(tree.problems).toEqual([{ file: `${kvm}/self.c`, message: 'symbolic links form a loop' }]);
  });

  it('that lead out of the tree are not followed', () => {
    const outside = temporaryTree({ 'secret.c': 'secret', 'more/secret.c': 'secret' });
    const root = temporaryTree({ [`${kvm}/x86.c`]: '', [`${kvm}/vmx/vmx.c`]: '' });
    symlinkSync(join(outside, 'secret.c'), join(root, kvm, 'secret.c'));
    symlinkSync(join(outside, 'more'), join(root, kvm, 'more'));
    symlinkSync('gone.c', join(root, kvm, 'dangling.c'));
    mkdirSync(join(root, 'virt'));
    symlinkSync(outside, join(root, 'virt/kvm'));
    const tree = load(root);
    expect(paths(tree)).toEqual([`${kvm}/vmx/vmx.c`, `${kvm}/x86.c`]);
    expect(tree.problems).toEqual([
      { file: `${kvm}/dangling.c`, message: 'symbolic link leads nowhere' },
      { file: `${kvm}/more`, message: 'symbolic link leads out of the tree' },
      { file: `${kvm}/secret.c`, message: 'symbolic link leads out of the tree' },
      { file: 'virt/kvm', message: 'symbolic link leads out of the tree' },
    ]);
  });
});

describe('files that are no text', () => {
  it('are problems, the rest is loaded', () => {
    const root = temporaryTree({
      [`${kvm}/x86.c`]: 'int x;',
      [`${kvm}/binary.c`]: Uint8Array.of(0x7f, 0x45, 0, 1),
      [`${kvm}/huge.c`]: '',
      [`${kvm}/directory.c/inner.c`]: '',
    });
    truncateSync(join(root, kvm, 'huge.c'), largestFile + 1);
    spawnSync('mkfifo', [join(root, kvm, 'pipe.c')]);
    const tree = load(root);
    expect(tree.files).toEqual([{ path: `${kvm}/x86.c`, text: 'int x;' }]);
    expect(tree.problems).toEqual([
      { file: `${kvm}/binary.c`, message: 'binary file: it holds NUL bytes' },
      { file: `${kvm}/directory.c`, message: 'a directory, not a file' },
      {
        file: `${kvm}/huge.c`,
        message: `too large: ${String(largestFile + 1)} bytes, the limit is ${String(largestFile)}`,
      },
      { file: `${kvm}/pipe.c`, message: 'not a regular file' },
    ]);
  });

  it('never block, vanish or are swapped for a link without an answer', () => {
    const root = temporaryTree({ 'x.c': '' });
    spawnSync('mkfifo', [join(root, 'pipe')]);
    symlinkSync('x.c', join(root, 'link'));
    const problem = (path: string): string | null => readSourceFile(join(root, path)).problem;
    expect(problem('pipe')).toBe('not a regular file');
    expect(problem('gone.c')).toBe('no such file or directory');
    expect(problem('link')).toBe('symbolic links form a loop');
    expect(problem('.')).toBe('not a regular file');
    expect(problem('x.c/y')).toBe('no such directory');
  });
});

describe('text', () => {
  it('keeps line ends, tabs and a byte order mark', () => {
    const text = '\uFEFFint a;\r\n\tint b;\r';
    expect(load(temporaryTree({ [`${kvm}/x86.c`]: text })).files[0]?.text).toBe(text);
  });

  it('is read where carriage returns alone end its lines', () => {
    const root = temporaryTree({ [`${kvm}/x86.c`]: 'int a;\r#define B 1\r' });
    const tree = load(root);
    expect(tree.files[0]?.text).toBe('int a;\n#define B 1\n');
    expect(tree.problems.map(({ message }) => message)).toEqual([
      'its lines end with carriage returns alone, read as line feeds',
    ]);
  });

  it.each([
    ['little', [0xff, 0xfe], (bytes: Buffer) => bytes],
    ['big', [0xfe, 0xff], (bytes: Buffer) => bytes.swap16()],
  ] as const)('is read in UTF-16, %s end first', (_, mark, inOrder) => {
    const text = 'int ö; /* 𝄞 */\n';
    const bytes = Buffer.concat([Buffer.from(mark), inOrder(Buffer.from(text, 'utf16le'))]);
    const tree = load(temporaryTree({ [`${kvm}/x86.c`]: bytes }));
    expect(tree.files[0]?.text).toBe(text);
    expect(tree.problems.map(({ message }) => message)).toEqual([expect.stringMatching(/^UTF-16/)]);
  });

  it('may be 10 MB on one line', () => {
    const line = 'int x; '.repeat(1_500_000);
    expect(load(temporaryTree({ [`${kvm}/x86.c`]: line })).files[0]?.text).toBe(line);
  });

  it('that is no UTF-8 keeps its byte columns', () => {
    const bytes = Buffer.concat([Buffer.from('/* Jö'), Buffer.of(0xf6, 0xe2, 0x82, 0xc3), Buffer.from(' é€𝄞 */ x')]);
    const root = temporaryTree({ [`${kvm}/x86.c`]: bytes });
    const tree = load(root);
    expect(tree.files).toEqual([{ path: `${kvm}/x86.c`, text: '/* Jö???? é€𝄞 */ x' }]);
    expect(Buffer.byteLength(tree.files[0]?.text ?? '')).toBe(bytes.length);
    expect(tree.problems).toEqual([{ file: `${kvm}/x86.c`, message: 'not UTF-8: 4 bytes read as "?"' }]);
  });

  it('may be empty', () => {
    const root = temporaryTree({ [`${kvm}/x86.c`]: '' });
    writeFileSync(join(root, kvm, 'empty.h'), '');
    expect(load(root)).toMatchObject({ files: [{ text: '' }, { text: '' }], problems: [] });
  });
});

describeKernels('a real kernel', ({ version, root }) => {
  it('is loaded small, the same from anywhere in it, and without a problem', () => {
    const tree = load(root);
    const size = tree.files.reduce((sum, file) => sum + file.text.length, 0);
    expect(tree.kernel).toMatch(new RegExp(`^${version}\\.`));
    expect(tree.problems).toEqual([]);
    expect(size).toBeGreaterThan(2_000_000);
    expect(size).toBeLessThan(5_000_000);
    expect(paths(tree)).toEqual(expect.arrayContaining([`${kvm}/x86.c`, 'arch/x86/include/asm/kvm_host.h']));
    expect(load(join(root, kvm, 'vmx/vmenter.S'))).toEqual(tree);
  });
});

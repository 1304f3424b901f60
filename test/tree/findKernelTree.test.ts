import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findKernelTree } from '../../server/src/tree/findKernelTree.js';
import { temporaryTree } from './temporaryTree.js';

const kernel = {
  'arch/x86/kvm/x86.c': '',
  'arch/x86/kvm/vmx/vmx.c': '',
  'drivers/net/tun.c': '',
  'virt/kvm/kvm_main.c': '',
};

describe('findKernelTree', () => {
  it.each([
    '.',
    'arch',
    'arch/x86',
    'arch/x86/kvm',
    'arch/x86/kvm/vmx',
    'arch/x86/kvm/vmx/vmx.c',
    'drivers/net',
    'drivers/net/tun.c',
    'virt/kvm',
  ])('finds the whole tree from %s', (path) => {
    const root = temporaryTree(kernel);
    expect(findKernelTree(join(root, path))).toEqual({ tree: { root, kvm: 'arch/x86/kvm', inside: '' } });
  });

  it.each([
    ['vendor directories', { 'x86.c': '', 'svm/svm.c': '' }],
    ['vendor files, as before 5.1', { 'x86.c': '', 'vmx.c': '' }],
  ])('finds a copy of the KVM directory alone, with %s', (_layout, files) => {
    const root = temporaryTree(files);
    expect(findKernelTree(root)).toEqual({ tree: { root, kvm: '', inside: 'arch/x86/kvm' } });
  });

  it.each([
    ['arch/x86', 'kvm'],
    ['arch', 'x86/kvm'],
  ])('finds a copy of %s under another name', (inside, kvm) => {
    const root = join(temporaryTree({ [`copy/${kvm}/vmx/vmx.c`]: '' }), 'copy');
    expect(findKernelTree(root)).toEqual({ tree: { root, kvm, inside } });
    expect(findKernelTree(join(root, 'x86'))).toHaveProperty(inside === 'arch' ? 'tree' : 'missing');
  });

  it('prefers a copy of KVM to the kernel tree around it', () => {
    const root = temporaryTree({ ...kernel, 'backup/kvm/svm/svm.c': '' });
    expect(findKernelTree(join(root, 'backup/kvm/svm'))).toEqual({
      tree: { root: join(root, 'backup/kvm'), kvm: '', inside: 'arch/x86/kvm' },
    });
  });

  it('knows KVM by its place when its files are renamed', () => {
    const root = temporaryTree({ 'arch/x86/kvm/intel/run.c': '' });
    expect(findKernelTree(root)).toHaveProperty('tree.root', root);
  });

  it('resolves symbolic links', () => {
    const root = temporaryTree(kernel);
    const link = join(temporaryTree({}), 'link');
    symlinkSync(join(root, 'arch/x86/kvm'), link);
    expect(findKernelTree(link)).toHaveProperty('tree.root', root);
  });

  it.each([
    ['nothing', {}],
    ['another architecture', { 'arch/arm64/kvm/arm.c': '', 'virt/kvm/kvm_main.c': '' }],
    ['no source', { 'arch/x86/kvm/Kconfig': '' }],
  ])('says what it looked for in a tree with %s', (_what, files) => {
    const root = temporaryTree(files);
    expect(findKernelTree(root)).toEqual({
      missing: `no KVM x86 code: looked for arch/x86/kvm in ${root} and in every directory above it`,
    });
  });

  it('says why a path cannot be opened', () => {
    const root = temporaryTree({ file: '' });
    mkdirSync(join(root, 'a'));
    symlinkSync('loop', join(root, 'loop'));
    const missing = (path: string): unknown => findKernelTree(join(root, path));
    expect(missing('a/b')).toEqual({ missing: `cannot open ${root}/a/b: no such file or directory` });
    expect(missing('file/b')).toEqual({ missing: `cannot open ${root}/file/b: no such directory` });
    expect(missing('loop')).toEqual({ missing: `cannot open ${root}/loop: symbolic links form a loop` });
  });
});

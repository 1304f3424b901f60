import { realpathSync, symlinkSync } from 'node:fs';
import { join, posix, win32 } from 'node:path';
import { describe, expect, it } from 'vitest';
import { existingPath, pathIn, realPath, rootAsWritten, writtenPath } from '../../server/src/lsp/filePaths.js';
import { temporaryTree } from '../tree/temporaryTree.js';

describe('a path in a root', () => {
  it.each([
    [posix, '/k', '/k/arch/x86/kvm/x86.c', 'arch/x86/kvm/x86.c'],
    [posix, '/k', '/k/..x/y.c', '..x/y.c'],
    [posix, '/k', '/k', null],
    [posix, '/k', '/kk/x.c', null],
    [posix, '/k', '/', null],
    [posix, '/', '/x.c', 'x.c'],
    [win32, 'C:\\k', 'C:\\k\\arch\\x86\\kvm\\x86.c', 'arch/x86/kvm/x86.c'],
    [win32, 'C:\\k', 'c:\\K\\Arch\\x.c', 'Arch/x.c'],
    [win32, 'C:\\k', 'D:\\k\\x.c', null],
    [win32, 'C:\\k', 'C:\\kk\\x.c', null],
    [win32, '\\\\wsl$\\u\\k', '\\\\wsl$\\u\\k\\x.c', 'x.c'],
    [win32, '\\\\wsl$\\u\\k', 'C:\\x.c', null],
  ])('%#: %s', (paths, root, file, inside) => {
    expect(pathIn(root, file, paths)).toBe(inside);
  });
});

describe('a path as the client writes it', () => {
  it.each([
    ['file:///k/a%20b.c', '/k/a b.c'],
    ['FILE:///k/x.c', '/k/x.c'],
    ['file://localhost/k/x.c', '/k/x.c'],
    ['untitled:x.c', null],
    ['file:///k/%00.c', '/k/\0.c'],
    ['file:///k%2Fx.c', null],
    ['file', null],
  ])('%s', (uri, path) => {
    expect(writtenPath(uri)).toBe(path);
  });
});

describe('a path of what does not exist', () => {
  /** A directory with `real/x.c`, and `link`, which leads to `real`. */
  const linkedTree = () => {
    const root = realpathSync(temporaryTree({ 'real/x.c': '' }));
    symlinkSync(join(root, 'real'), join(root, 'link'));
    return root;
  };

  it('is real as far as it exists', () => {
    const root = linkedTree();
    expect(realPath(join(root, 'link/new/y.c'))).toBe(join(root, 'real/new/y.c'));
    expect(realPath(join(root, 'link/x.c'))).toBe(join(root, 'real/x.c'));
    expect(realPath('/nowhere/at/all')).toBe('/nowhere/at/all');
    expect(realPath('/nowhere/\0')).toBe('/nowhere/\0');
  });

  it('has a directory above it that exists', () => {
    const root = linkedTree();
    expect(existingPath(join(root, 'link/new/y.c'))).toBe(join(root, 'link'));
    expect(existingPath(join(root, 'link/x.c'))).toBe(join(root, 'link/x.c'));
    expect(existingPath('/nowhere/at/all')).toBe('/');
  });

  it('has its root as it is written', () => {
    const root = linkedTree();
    expect(rootAsWritten(join(root, 'real'), join(root, 'link/new/y.c'))).toBe(join(root, 'link'));
  });
});

import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { KernelTree } from '../../tree/findKernelTree.js';
import { relevantFiles } from '../../tree/relevantFiles.js';

/** What tells one state of a tree's files on disk from another: their names, times and sizes. Some milliseconds for a tree. */
export function stampOf(tree: KernelTree): string {
  const makefile = tree.kvm === '' ? 'Makefile' : `${tree.kvm}/Makefile`;
  return [...relevantFiles(tree).files, makefile]
    .map((path) => {
      try {
        const { mtimeMs, size, ino } = statSync(join(tree.root, path));
        return `${path} ${String(mtimeMs)} ${String(size)} ${String(ino)}`;
      } catch {
        return path;
      }
    })
    .join('\n');
}

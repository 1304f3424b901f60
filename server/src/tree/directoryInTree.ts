import { dirname } from 'node:path';
import { realDisk } from './disk.js';
import type { KernelTree } from './findKernelTree.js';
import { pathInside } from './relevantDirectories.js';

/** Whether a directory, which need not be there yet, lies in a tree. */
export function isDirectoryInTree(tree: KernelTree, directory: string): boolean {
  const target = realDisk.target(directory);
  if ('value' in target) return pathInside(tree.root, target.value.path) !== undefined;
  const parent = dirname(directory);
  return parent !== directory && isDirectoryInTree(tree, parent);
}

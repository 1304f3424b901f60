import process from 'node:process';
import { join } from 'node:path';
import { findKernelTree } from '../server/src/tree/findKernelTree.js';
import { loadTree } from '../server/src/tree/loadTree.js';

// The files that are read of a tree, absolute, a line each.
const found = findKernelTree(process.argv[2] ?? '.');
if ('missing' in found) throw new Error(found.missing);
const { root } = found.tree;
process.stdout.write(
  loadTree(found.tree)
    .files.map(({ path }) => `${join(root, path)}\n`)
    .join(''),
);

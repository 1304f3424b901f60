import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kernels } from '../kernels.js';
import type { Place } from './editor.js';

/** A token of the tree: where it is, and its column, 1-based, in characters. */
export interface Token extends Place {
  readonly column: number;
}

/** Whether there is a Linux 7.2 tree. */
export function hasKernel72(): boolean {
  return kernels().some(({ version }) => version === '7.2');
}

/** The root of the Linux 7.2 tree. Throws where there is none. */
export function kernel72(): string {
  return kernelRoot('7.2');
}

/** The root of a kernel's tree. Throws where there is none. */
export function kernelRoot(version: string): string {
  const kernel = kernels().find((k) => k.version === version);
  if (!kernel) throw new Error(`no linux-${version} among the kernels`);
  return kernel.root;
}

/** The token that the pattern's group first matches in a line of a file of a tree, Linux 7.2's. Throws where nothing matches. */
export function token(file: string, pattern: RegExp, root = kernel72()): Token {
  const path = join(root, file);
  const lines = readFileSync(path, 'utf8').split('\n');
  for (const [index, line] of lines.entries()) {
    const start = new RegExp(pattern, 'd').exec(line)?.indices?.[1]?.[0];
    if (start !== undefined) return { file: path, line: index + 1, column: start + 1 };
  }
  throw new Error(`${file} has no ${String(pattern)}`);
}

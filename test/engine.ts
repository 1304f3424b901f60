import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { RegisterModel } from '../server/src/model/registerModel.js';
import { readTree } from '../server/src/model/readTree.js';
import { createCParser, type CParser } from '../server/src/syntax/c/cTree.js';
import { findKernelTree } from '../server/src/tree/findKernelTree.js';
import { loadTree, type LoadedTree } from '../server/src/tree/loadTree.js';

let made: Promise<CParser> | null = null;

/** The C parser, made once in a test process. */
export function parser(): Promise<CParser> {
  made ??= createCParser({
    runtime: moduleBytes('web-tree-sitter/web-tree-sitter.wasm'),
    grammar: moduleBytes('tree-sitter-c/tree-sitter-c.wasm'),
  });
  return made;
}

/** The model of a tree of our own: path, relative to its root, to text. */
export async function modelOf(files: Readonly<Record<string, string>>): Promise<RegisterModel> {
  const texts = Object.entries(files).map(([path, text]) => ({ path, text }));
  return readTree(await parser(), { root: '/tree', kernel: null, files: texts, problems: [] });
}

/** The model of the kernel tree on disk at `root`, which is read once in a test process. Rejects where there is none. */
export function modelOfTree(root: string): Promise<RegisterModel> {
  const known = modelsByRoot.get(root);
  if (known) return known;
  const read = parser().then((c) => readTree(c, treeAt(root)));
  modelsByRoot.set(root, read);
  return read;
}

const modelsByRoot = new Map<string, Promise<RegisterModel>>();

/** The text of the kernel tree on disk at `root`. Throws where there is none. */
export function treeAt(root: string): LoadedTree {
  const found = findKernelTree(root);
  if ('missing' in found) throw new Error(found.missing);
  return loadTree(found.tree);
}

function moduleBytes(name: string): Uint8Array {
  return readFileSync(createRequire(import.meta.url).resolve(name));
}

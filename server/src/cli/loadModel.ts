import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createCParser, type CParser } from '../syntax/c/cTree.js';
import { readTree, type StageListener } from '../model/readTree.js';
import type { RegisterModel } from '../model/registerModel.js';
import { findKernelTree } from '../tree/findKernelTree.js';
import { loadTree } from '../tree/loadTree.js';
import { CommandError } from './commandError.js';

/** Makes the C parser from the WebAssembly files beside the program. */
function createParser(): Promise<CParser> {
  const readAsset = (name: string) => readFileSync(fileURLToPath(new URL(name, import.meta.url)));
  return createCParser({ runtime: readAsset('./web-tree-sitter.wasm'), grammar: readAsset('./tree-sitter-c.wasm') });
}

/**
 * Finds, reads and links the kernel tree at or around a path.
 * @throws CommandError when there is no KVM x86 code there.
 */
export async function loadModel(path: string, onStage: StageListener = () => undefined): Promise<RegisterModel> {
  const parser = createParser();
  const found = findKernelTree(path);
  if ('missing' in found) {
    await parser;
    throw new CommandError(found.missing);
  }
  const loaded = loadTree(found.tree);
  return readTree(await parser, loaded, onStage);
}

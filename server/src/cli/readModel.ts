import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createCParser, type CParser } from '../syntax/c/cTree.js';
import type { ReadingRecord } from '../model/keptReading.js';
import { readTree, type StageListener, type TreeText } from '../model/readTree.js';
import type { RegisterModel } from '../model/registerModel.js';

/** Makes the C parser from the WebAssembly files beside the program. */
function createParser(): Promise<CParser> {
  const readAsset = (name: string) => readFileSync(fileURLToPath(new URL(name, import.meta.url)));
  return createCParser({ runtime: readAsset('./web-tree-sitter.wasm'), grammar: readAsset('./tree-sitter-c.wasm') });
}

/** Reads a tree's text into its model. */
export async function readModel(
  text: TreeText,
  onStage: StageListener,
  record: ReadingRecord | null,
): Promise<RegisterModel> {
  return readTree(await createParser(), text, onStage, record);
}

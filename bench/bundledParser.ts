import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createCParser, type CParser } from '../server/src/syntax/c/cTree.js';

/** The C parser, of the WebAssembly files that `run.mjs` puts beside a bundled program. */
export function bundledParser(): Promise<CParser> {
  const beside = (name: string) => readFileSync(fileURLToPath(new URL(name, import.meta.url)));
  return createCParser({ runtime: beside('./web-tree-sitter.wasm'), grammar: beside('./tree-sitter-c.wasm') });
}

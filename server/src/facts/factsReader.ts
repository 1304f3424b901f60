import { memoizeByIdentity } from '../cache/memoize.js';
import { fileFacts, type FileFacts } from './fileFacts.js';
import { functionFacts } from './functionFacts.js';
import type { FunctionSource } from './source/functionSource.js';
import type { TreeReader } from './source/functionTree.js';
import type { SourceOutline } from './source/sourceOutline.js';
import { memoizeBySymbols } from './symbols/symbolsFingerprint.js';
import type { TreeSymbols } from './symbols/treeSymbols.js';

/** Gives a reader of the facts of a tree's C files. */
export type FactsReader = (
  outlines: readonly SourceOutline[],
  symbols: TreeSymbols,
) => (file: SourceOutline) => FileFacts;

/**
 * Reads files' facts, remembering those of the last time: as long as the tree's symbols are the same, a file's facts depend on
 * its outline alone, and a function's on its own text.
 */
export function factsReader(read: TreeReader): FactsReader {
  return memoizeBySymbols((symbols) => {
    const factsOf = memoizeByIdentity((fn: FunctionSource) => functionFacts(read, fn, symbols));
    return memoizeByIdentity((file: SourceOutline) => fileFacts(file, symbols, factsOf));
  });
}

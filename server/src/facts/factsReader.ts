import { memoizeByIdentity, memoizeStepsByIdentity } from '../cache/memoize.js';
import { fileFacts, type FileFacts } from './fileFacts.js';
import { functionFacts } from './functionFacts.js';
import type { FunctionSource } from './source/functionSource.js';
import type { TreeReader } from './source/functionTree.js';
import type { SourceOutline } from './source/sourceOutline.js';
import { memoizeBySymbols } from './symbols/symbolsFingerprint.js';
import type { TreeSymbols } from './symbols/treeSymbols.js';

/** Gives a reader of the facts of a tree's C files, in steps. */
export type FactsReader = (
  outlines: readonly SourceOutline[],
  symbols: TreeSymbols,
) => (file: SourceOutline) => Generator<'facts', FileFacts, void>;

/** Functions whose facts are read in one step. */
const FUNCTIONS_OF_A_STEP = 4;

/**
 * Reads files' facts, remembering those of the last time: as long as the tree's symbols are the same, a file's facts depend on
 * its outline alone, and a function's on its own text.
 */
export function factsReader(read: TreeReader): FactsReader {
  return memoizeBySymbols((symbols) => {
    const factsOf = memoizeByIdentity((fn: FunctionSource) => functionFacts(read, fn, symbols));
    return memoizeStepsByIdentity(function* (file: SourceOutline) {
      for (const [i, { source }] of file.functions.entries()) {
        factsOf(source);
        if (i % FUNCTIONS_OF_A_STEP === FUNCTIONS_OF_A_STEP - 1) yield 'facts' as const;
      }
      return fileFacts(file, symbols, factsOf);
    });
  });
}

import { memoizeByIdentity, memoizeByMembers } from '../cache/memoize.js';
import { fileFacts, outerFacts, type FileFacts, type OuterFacts } from './fileFacts.js';
import { functionFacts, type FunctionFacts } from './functionFacts.js';
import type { FunctionSource } from './source/functionSource.js';
import type { TreeReader } from './source/functionTree.js';
import type { SourceOutline } from './source/sourceOutline.js';
import { memoizeByAnswers, symbolMemory } from './symbols/symbolMemory.js';
import type { TreeSymbols } from './symbols/treeSymbols.js';
import { factSymbols, type FactSymbols } from './symbols/wordRoles.js';

/** Gives a reader of the facts of a tree's C files, in steps. */
export type FactsReader = (symbols: TreeSymbols) => (file: SourceOutline) => Generator<'facts', FileFacts, void>;

/** Functions whose facts are read in one step. */
const FUNCTIONS_OF_A_STEP = 4;

/**
 * Reads files' facts, remembering those of the last time: a function's as long as its text and all that was asked of the tree's
 * symbols for them are the same, and a file's as long as those of its functions and of what stands outside of these are.
 */
export function factsReader(read: TreeReader): FactsReader {
  const askedOf = symbolMemory<FactSymbols>();
  const factsOf = memoizeByAnswers((fn: FunctionSource, symbols: FactSymbols) => functionFacts(read, fn, symbols));
  const outerOf = memoizeByAnswers(outerFacts);
  const together = memoizeByIdentity((outer: OuterFacts) =>
    memoizeByMembers((functions: readonly FunctionFacts[]) => fileFacts(outer, functions)),
  );
  return (symbols) => {
    const asked = askedOf(factSymbols(symbols));
    return function* (file) {
      const functions: FunctionFacts[] = [];
      for (const [i, { source }] of file.functions.entries()) {
        functions.push(factsOf(source, asked));
        if (i % FUNCTIONS_OF_A_STEP === FUNCTIONS_OF_A_STEP - 1) yield 'facts';
      }
      return together(outerOf(file, asked))(functions);
    };
  };
}

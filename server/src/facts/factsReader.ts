import { memoizeByIdentity, memoizeByMembers } from '../cache/memoize.js';
import { fileFacts, outerFacts, type FileFacts, type OuterFacts } from './fileFacts.js';
import { functionFacts, type FunctionFacts } from './functionFacts.js';
import { keptFacts, type FactRecords } from './keptFacts.js';
import type { FunctionSource } from './source/functionSource.js';
import type { TreeReader } from './source/functionTree.js';
import type { SourceOutline } from './source/sourceOutline.js';
import { memoizeByAnswers, recordedByAnswers, symbolMemory, type Recorded } from './symbols/symbolMemory.js';
import type { TreeSymbols } from './symbols/treeSymbols.js';
import { factSymbols, type FactSymbols } from './symbols/wordRoles.js';

/** Reads the facts of a tree's C files, in steps. */
export type FactsReader = (
  outlines: readonly SourceOutline[],
  symbols: TreeSymbols,
) => Generator<'facts', readonly FileFacts[], void>;

/** Functions whose facts are read in one step. */
const FUNCTIONS_OF_A_STEP = 4;

/**
 * Reads files' facts, remembering those of the last time: a function's as long as its text and all that was asked of the tree's
 * symbols for them are the same, and a file's as long as those of its functions and of what stands outside of these are. The
 * first reading takes what earlier processes left in `records`, and leaves there what it had to make.
 */
export function factsReader(read: TreeReader, records: FactRecords | null): FactsReader {
  const askedOf = symbolMemory<FactSymbols>();
  const factsOf = recordedByAnswers((fn: FunctionSource, symbols: FactSymbols) => functionFacts(read, fn, symbols));
  const outerOf = memoizeByAnswers(outerFacts);
  const together = memoizeByIdentity((outer: OuterFacts) =>
    memoizeByMembers((functions: readonly FunctionFacts[]) => fileFacts(outer, functions)),
  );
  let isFirst = true;
  return function* (outlines, symbols) {
    const asked = askedOf(factSymbols(symbols));
    const kept = isFirst && records ? keptFacts(records, asked) : null;
    const files: FileFacts[] = [];
    for (const file of outlines) {
      const recall = kept?.recall(file);
      const functions: Recorded<FunctionFacts>[] = [];
      yield 'facts';
      for (const [i, { source }] of file.functions.entries()) {
        functions.push(factsOf(source, asked, recall));
        if (i % FUNCTIONS_OF_A_STEP === FUNCTIONS_OF_A_STEP - 1) yield 'facts';
      }
      kept?.keep(file, functions);
      files.push(together(outerOf(file, asked))(functions.map(({ result }) => result)));
    }
    kept?.write();
    isFirst = false;
    return files;
  };
}

import { memoizeByIdentity, memoizeByMembers } from '../cache/memoize.js';
import { fileFacts, outerFacts, type FileFacts, type OuterFacts } from './fileFacts.js';
import { callsInBody, functionFacts, isPlain, plainFacts, type FunctionFacts } from './functionFacts.js';
import type { FunctionSource } from './source/functionSource.js';
import type { TreeReader } from './source/functionTree.js';
import type { SourceOutline } from './source/sourceOutline.js';
import { knownQuestions, type KeptQuestions, type Recorded } from './symbols/knownQuestions.js';
import { recordedByAnswers, symbolMemory, unrecorded } from './symbols/symbolMemory.js';
import type { TreeSymbols } from './symbols/treeSymbols.js';
import { factSymbols, type FactSymbols } from './symbols/wordRoles.js';

/** Reads the facts of a tree's C files, and remembers them. */
export interface FactsReader {
  /** In steps. */
  readonly read: (
    outlines: readonly SourceOutline[],
    symbols: TreeSymbols,
  ) => Generator<'facts', readonly FileFacts[], void>;
  /** What is remembered of some files, as plain data. */
  readonly kept: (outlines: readonly SourceOutline[]) => KeptFacts;
}

/** Facts of files with all that was asked of symbols for them, as plain data. */
export interface KeptFacts {
  readonly questions: KeptQuestions;
  /** In the order of the files. */
  readonly files: readonly KeptFileFacts[];
}

interface KeptFileFacts {
  readonly outer: Recorded<OuterFacts> | null;
  /** In the order of the file's functions. */
  readonly functions: readonly (KeptFunction | null)[];
}

/** A function's facts. */
interface KeptFunction extends Pick<Recorded<FunctionFacts>, 'questions'> {
  /** Null where all is known by the function's text. */
  readonly result: FactsWithoutText | null;
}

/** Facts without what the text says as it stands: words and calls are there only where macros are expanded in them. */
type FactsWithoutText = Omit<FunctionFacts, 'words' | 'calls'> & Partial<Pick<FunctionFacts, 'words' | 'calls'>>;

/** Functions whose facts are read in one step. */
const FUNCTIONS_OF_A_STEP = 4;

/**
 * Reads files' facts, remembering those of the last time: a function's as long as its text and all that was asked of the tree's
 * symbols for them are the same, and a file's as long as those of its functions and of what stands outside of these are.
 * `before`: what an earlier process kept, and the outlines that it is of; null for none. `isOnly`: nothing is to be remembered.
 */
export function factsReader(
  read: TreeReader,
  before: { readonly kept: KeptFacts; readonly outlines: readonly SourceOutline[] } | null = null,
  isOnly = false,
): FactsReader {
  const questions = knownQuestions(before?.kept.questions);
  const askedOf = isOnly ? unrecorded<FactSymbols> : symbolMemory<FactSymbols>(questions);
  const ofFunctions = new WeakMap<FunctionSource, Recorded<FunctionFacts>>();
  const ofFiles = new WeakMap<SourceOutline, Recorded<OuterFacts>>();
  before?.outlines.forEach((file, i) => {
    const kept = before.kept.files[i];
    if (kept?.outer) ofFiles.set(file, kept.outer);
    file.functions.forEach(({ source }, at) => {
      const own = kept?.functions[at];
      if (own) ofFunctions.set(source, withText(source, own));
    });
  });
  const factsOf = recordedByAnswers(
    (fn: FunctionSource, symbols: FactSymbols) => functionFacts(read, fn, symbols),
    ofFunctions,
  );
  const outerOf = recordedByAnswers(outerFacts, ofFiles);
  const together = memoizeByIdentity((file: SourceOutline) =>
    memoizeByIdentity((outer: OuterFacts) =>
      memoizeByMembers((functions: readonly FunctionFacts[]) => fileFacts(file, outer, functions)),
    ),
  );
  return {
    read: function* (outlines, symbols) {
      const asked = askedOf(factSymbols(symbols));
      const files: FileFacts[] = [];
      for (const file of outlines) {
        const functions: FunctionFacts[] = [];
        yield 'facts';
        for (const [i, { source }] of file.functions.entries()) {
          functions.push(factsOf(source, asked).result);
          if (i % FUNCTIONS_OF_A_STEP === FUNCTIONS_OF_A_STEP - 1) yield 'facts';
        }
        files.push(together(file)(outerOf(file, asked).result)(functions));
      }
      return files;
    },
    kept: (outlines) => {
      const valid = <Result>(made: Recorded<Result> | undefined) => (made && questions.areValid(made) ? made : null);
      const files = outlines.map((file) => ({
        outer: valid(ofFiles.get(file)),
        functions: file.functions.map(({ source }) => {
          const made = valid(ofFunctions.get(source));
          return made && { result: withoutText(source, made.result), questions: made.questions };
        }),
      }));
      return { questions: questions.kept(), files };
    },
  };
}

function withText(fn: FunctionSource, { result, questions }: KeptFunction): Recorded<FunctionFacts> {
  if (result === null) return { result: plainFacts(fn), questions };
  const { words = fn.words, calls = callsInBody(fn) } = result;
  return { result: { ...result, words, calls }, questions };
}

function withoutText(fn: FunctionSource, facts: FunctionFacts): FactsWithoutText | null {
  if (isPlain(facts)) return null;
  const { words, calls, ...others } = facts;
  return words === fn.words ? others : { ...others, words, calls };
}

import type { SourceText } from '../../syntax/text/sourceText.js';
import type { ListedProblem } from '../source/listedProblems.js';
import type { AsmFunctionFacts } from './asmFunction.js';
import type { NameTable } from './nameTables.js';

/** What is known of a file's assembly. */
export interface AsmFileFacts {
  readonly source: SourceText;
  readonly functions: readonly AsmFunctionFacts[];
  /** The macros by which it knows registers' names. */
  readonly tables: readonly NameTable[];
  readonly problems: readonly ListedProblem[];
}

import { keptTable } from '../../cache/keptTables.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { FunctionContext } from '../source/expressions.js';
import type { FunctionSource } from '../source/functionSource.js';
import type { TreeReader } from '../source/functionTree.js';
import { recordedSymbols } from './recordedSymbols.js';
import { answerTo, isSameAnswer, type Question } from './symbolQuestions.js';
import type { TreeSymbols } from './treeSymbols.js';
import { withoutRoles } from './wordRoles.js';

/** What a part of a tree is looked at with while the tree's symbols are still found out. Words have no roles yet. */
export interface FindingContext {
  readonly read: TreeReader;
  readonly symbols: TreeSymbols;
}

/** What was found, with all that was asked of symbols for it. */
interface Finding<Result> {
  /** What it was asked for, beside the symbols. */
  readonly wanted: string;
  readonly result: Result;
  readonly asked: readonly (readonly [question: Question, answer: unknown])[];
}

/** A part is looked at once in each round of a search, while more names are known from round to round. */
const MOST_FINDINGS = 8;

/**
 * Gives what `find` makes of a part of a tree. That is kept, under a name of its own, with what was asked for it: nothing is
 * parsed where the symbols that are known answer the same. `find` is a pure function of the part, the symbols and `wanted`.
 */
export function keptFindings<Key extends object, Result>(
  name: string,
  find: (context: FindingContext, key: Key, wanted: string) => Result,
): (context: FindingContext, key: Key, wanted?: string) => Result {
  const table = keptTable<Key, readonly Finding<Result>[]>(name);
  return ({ read, symbols }, key, wanted = '') => {
    const known = table.get(key) ?? [];
    const asking = withoutRoles(symbols);
    const isValid = (finding: Finding<Result>) =>
      finding.wanted === wanted &&
      finding.asked.every(([question, answer]) => isSameAnswer(answerTo(asking, question), answer));
    const valid = known.find(isValid);
    if (valid) return valid.result;
    const { result, questions } = recorderOf(asking)((recorded) => find({ read, symbols: recorded }, key, wanted));
    const asked = questions.map((question) => [question, answerTo(asking, question)] as const);
    table.set(key, [...known, { wanted, result, asked }].slice(-MOST_FINDINGS));
    return result;
  };
}

/** {@link keptFindings} of each of a function's trees. */
export function treeFindings<Result>(
  name: string,
  find: (context: FunctionContext) => Result,
): (context: FindingContext, fn: FunctionSource) => readonly Result[] {
  return keptFindings(name, ({ read, symbols }, fn: FunctionSource) => read(fn).map((tree) => find({ tree, symbols })));
}

/** Makes a result and says what was asked of symbols for it. */
const recorderOf = memoizeByIdentity((symbols: ReturnType<typeof withoutRoles>) => {
  let asked = new Map<string, Question>();
  const recorded = recordedSymbols(symbols, (table, outer) => (name) => {
    asked.set(`${table} ${outer ?? ''} ${name}`, { table, outer, name });
  });
  return <Result>(make: (symbols: TreeSymbols) => Result) => {
    asked = new Map();
    const result = make(recorded);
    return { result, questions: [...asked.values()] };
  };
});

import type { KeptTable } from '../../cache/keptTables.js';
import { knownQuestions, type KnownQuestions, type Recorded } from './knownQuestions.js';
import { recordedSymbols } from './recordedSymbols.js';
import type { FactSymbols } from './wordRoles.js';

/*
 * Results that are remembered with the questions to a tree's symbols by which they were made: a result is made again when one
 * of its own questions has another answer, whatever else changes.
 */

/** The symbols of one of several readings in a row, for what is made of them and remembered. */
export interface AskedSymbols<Symbols> {
  /** Makes a result and says what was asked for it. What makes it does not record itself. */
  readonly record: <Result>(make: (symbols: Symbols) => Result) => Recorded<Result>;
  /** Whether all that was asked for a result has the same answer now. */
  readonly isValid: (recorded: Recorded<unknown>) => boolean;
  /** Whether no later reading has begun. Once one has, nothing is to be remembered of this one. */
  readonly isLast: () => boolean;
}

/**
 * By what is asked of symbols: a pure function of an object and of a tree's symbols. The result is kept as long as the object
 * lives and all that was asked has the same answer.
 */
export function memoizeByAnswers<Symbols extends FactSymbols, Key extends object, Result>(
  compute: (key: Key, symbols: Symbols) => Result,
): (key: Key, asked: AskedSymbols<Symbols>) => Result {
  const recorded = recordedByAnswers(compute);
  return (key, asked) => recorded(key, asked).result;
}

/** As {@link memoizeByAnswers}, with what was asked. `known` may have results of an earlier process. */
export function recordedByAnswers<Symbols extends FactSymbols, Key extends object, Result>(
  compute: (key: Key, symbols: Symbols) => Result,
  known: KeptTable<Key, Recorded<Result>> = new WeakMap<Key, Recorded<Result>>(),
): (key: Key, asked: AskedSymbols<Symbols>) => Recorded<Result> {
  return (key, asked) => {
    const last = known.get(key);
    if (last && asked.isValid(last)) return last;
    const made = asked.record((symbols) => compute(key, symbols));
    if (asked.isLast()) known.set(key, made);
    return made;
  };
}

/**
 * What was asked of the symbols of readings in a row. A question is one object for as long as its answer is the same; then it
 * is void, and so is what was made by it. `known`: the questions that an earlier process left.
 */
export function symbolMemory<Symbols extends FactSymbols>(
  known: KnownQuestions = knownQuestions(),
): (symbols: Symbols) => AskedSymbols<Symbols> {
  let last: Symbols | null = null;
  return (symbols) => {
    last = symbols;
    known.compareWith(symbols);
    const isLast = () => last === symbols;
    let asked = new Set<number>();
    const recorded = recordedSymbols(symbols, (table, outer) => {
      const answered = known.questionsOf(table, outer);
      return (name) => {
        asked.add(answered(symbols, name));
      };
    });
    return {
      record: (make) => {
        asked = new Set();
        const result = make(recorded);
        return { result, questions: [...asked] };
      },
      isValid: (made) => isLast() && known.areValid(made),
      isLast,
    };
  };
}

/** The symbols of a reading after which none comes: nothing is noted. */
export function unrecorded<Symbols>(symbols: Symbols): AskedSymbols<Symbols> {
  return {
    record: (make) => ({ result: make(symbols), questions: [] }),
    isValid: () => false,
    isLast: () => false,
  };
}

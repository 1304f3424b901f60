import { recordedSymbols } from './recordedSymbols.js';
import { answerTo, isSameAnswer, type Question, type TableName } from './symbolQuestions.js';
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
  /** The object that a question is for as long as its answer is the same, and the answer. */
  readonly ask: (question: Question) => Answered;
  /** Whether no later reading has begun. Once one has, nothing is to be remembered of this one. */
  readonly isLast: () => boolean;
}

/** A question with its answer. */
export interface Answered {
  readonly question: Question;
  readonly answer: unknown;
}

/** A result with the questions by which it was made. */
export interface Recorded<Result> {
  readonly result: Result;
  readonly questions: readonly Question[];
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

/** As {@link memoizeByAnswers}, with what was asked. `recall` may know a result from elsewhere; else it is null. */
export function recordedByAnswers<Symbols extends FactSymbols, Key extends object, Result>(
  compute: (key: Key, symbols: Symbols) => Result,
): (key: Key, asked: AskedSymbols<Symbols>, recall?: (key: Key) => Recorded<Result> | null) => Recorded<Result> {
  const known = new WeakMap<Key, Recorded<Result>>();
  return (key, asked, recall = () => null) => {
    const last = known.get(key);
    if (last && asked.isValid(last)) return last;
    const made = recall(key) ?? asked.record((symbols) => compute(key, symbols));
    if (asked.isLast()) known.set(key, made);
    return made;
  };
}

/**
 * What was asked of the symbols of readings in a row. A question is one object for as long as its answer is the same; then it
 * is void, and so is what was made by it.
 */
export function symbolMemory<Symbols extends FactSymbols>(): (symbols: Symbols) => AskedSymbols<Symbols> {
  const known = knownQuestions();
  let last: Symbols | null = null;
  return (symbols) => {
    last = symbols;
    known.compareWith(symbols);
    const isLast = () => last === symbols;
    let asked = new Set<Question>();
    const recorded = recordedSymbols(symbols, (table, outer) => {
      const answered = known.questionsOf(table, outer);
      return (name) => {
        asked.add(answered(symbols, name).question);
      };
    });
    return {
      record: (make) => {
        asked = new Set();
        const result = make(recorded);
        return { result, questions: [...asked] };
      },
      ask: ({ table, outer, name }) => known.questionsOf(table, outer)(symbols, name),
      isValid: (made) => isLast() && known.areValid(made),
      isLast,
    };
  };
}

/** A question with what it was last answered. */
interface Known extends Answered {
  answer: unknown;
}

function knownQuestions() {
  const tables = new Map<string, Map<string, Known>>();
  const voided = new WeakSet<Question>();
  let voidedCount = 0;
  /** How many questions were void when a result was last found valid: while no more are, nothing is to be looked through. */
  const validSince = new WeakMap<Recorded<unknown>, number>();
  return {
    /** Finds the questions that are answered otherwise now. */
    compareWith: (symbols: FactSymbols) => {
      for (const table of tables.values())
        for (const [name, known] of table) {
          const answer = answerTo(symbols, known.question);
          if (isSameAnswer(answer, known.answer)) {
            known.answer = answer;
            continue;
          }
          table.delete(name);
          voided.add(known.question);
          voidedCount++;
        }
    },
    /** The questions to a table, by the name that is asked for. */
    questionsOf: (table: TableName, outer: string | null) => {
      const key = outer === null ? table : `${table} ${outer}`;
      const own = tables.get(key) ?? new Map<string, Known>();
      tables.set(key, own);
      return (symbols: FactSymbols, name: string): Answered => {
        const before = own.get(name);
        if (before) return before;
        const question = { table, outer, name };
        const fresh = { question, answer: answerTo(symbols, question) };
        own.set(name, fresh);
        return fresh;
      };
    },
    areValid: (made: Recorded<unknown>): boolean => {
      if (validSince.get(made) === voidedCount) return true;
      const isOne = !made.questions.some((question) => voided.has(question));
      if (isOne) validSince.set(made, voidedCount);
      return isOne;
    },
  };
}

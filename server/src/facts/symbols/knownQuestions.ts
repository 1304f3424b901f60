import { answersIn, answerTo, isSameAnswer, type Question, type TableName } from './symbolQuestions.js';
import type { FactSymbols } from './wordRoles.js';

/** A result with the numbers of the questions by which it was made. */
export interface Recorded<Result> {
  readonly result: Result;
  readonly questions: readonly number[];
}

/** The questions that were asked of symbols. Each has a number for as long as its answer is the same; then that is void. */
export interface KnownQuestions {
  /** Finds the questions that are answered otherwise by these symbols. */
  readonly compareWith: (symbols: FactSymbols) => void;
  /** The numbers of questions to a table, by the name that is asked for. */
  readonly questionsOf: (table: TableName, outer: string | null) => (symbols: FactSymbols, name: string) => number;
  /** Whether all questions of a result have the answers that they had when it was made. */
  readonly areValid: (made: Recorded<unknown>) => boolean;
  /** All questions that are not void, as plain data. */
  readonly kept: () => KeptQuestions;
}

/** Questions with their answers, as plain data. */
export interface KeptQuestions {
  readonly tables: readonly QuestionTable[];
  /** What words' roles were made of. */
  readonly roleBasis: string;
  /** How many numbers were given. */
  readonly count: number;
}

/** The questions to one table: their names, numbers and answers, in the same order. */
interface QuestionTable extends Pick<Question, 'table' | 'outer'> {
  /** With a `SEPARATOR` between each two: one text is read faster than many. */
  readonly names: string;
  readonly numbers: readonly number[];
  readonly answers: readonly unknown[];
}

/** No name has it, nor a path. */
const SEPARATOR = '\0';

/** A question's number, and what it was last answered. */
interface Known {
  readonly number: number;
  answer: unknown;
}

interface Table extends Pick<Question, 'table' | 'outer'> {
  readonly known: Map<string, Known>;
}

/** Questions that an earlier process left, or none yet. */
export function knownQuestions(before: KeptQuestions | null = null): KnownQuestions {
  const tables = new Map<string, Table>();
  let roleBasis = before?.roleBasis ?? '';
  /** Whether the question of each number is void: a list, because every reading asks it of all questions of all results. */
  const isVoid = new Array<boolean>(before?.count ?? 0).fill(false);
  let voidCount = 0;
  /** How many questions were void when a result was last found valid: while no more are, nothing is to be looked through. */
  const validSince = new WeakMap<Recorded<unknown>, number>();
  const tableOf = (table: TableName, outer: string | null): Table => {
    const key = outer === null ? table : `${table} ${outer}`;
    const own = tables.get(key) ?? { table, outer, known: new Map<string, Known>() };
    tables.set(key, own);
    return own;
  };
  for (const { table, outer, names, numbers, answers } of before?.tables ?? []) {
    const { known } = tableOf(table, outer);
    names.split(SEPARATOR).forEach((name, i) => known.set(name, { number: numbers[i] ?? -1, answer: answers[i] }));
  }
  return {
    compareWith: (symbols) => {
      const areSameRoles = roleBasis === symbols.roleBasis;
      ({ roleBasis } = symbols);
      for (const { table, outer, known } of tables.values()) {
        if (table === 'roleOf' && areSameRoles) continue;
        const answerOf = answersIn(symbols, table, outer);
        for (const [name, last] of known) {
          const answer = answerOf(name);
          if (isSameAnswer(answer, last.answer)) {
            last.answer = answer;
            continue;
          }
          known.delete(name);
          isVoid[last.number] = true;
          voidCount++;
        }
      }
    },
    questionsOf: (table, outer) => {
      const { known } = tableOf(table, outer);
      return (symbols, name) => {
        const last = known.get(name);
        if (last) return last.number;
        const number = isVoid.push(false) - 1;
        known.set(name, { number, answer: answerTo(symbols, { table, outer, name }) });
        return number;
      };
    },
    areValid: (made) => {
      if (voidCount === 0 || validSince.get(made) === voidCount) return true;
      const isOne = !made.questions.some((question) => isVoid[question]);
      if (isOne) validSince.set(made, voidCount);
      return isOne;
    },
    kept: () => ({ tables: Array.from(tables.values(), keptTable), roleBasis, count: isVoid.length }),
  };
}

function keptTable({ table, outer, known }: Table): QuestionTable {
  const all = [...known.values()];
  return {
    table,
    outer,
    names: [...known.keys()].join(SEPARATOR),
    numbers: all.map(({ number }) => number),
    answers: all.map(({ answer }) => answer),
  };
}

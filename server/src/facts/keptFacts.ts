import { lazy, memoizeByIdentity } from '../cache/memoize.js';
import { factsFile, parseFactsFile, type FactsWithoutText } from './factsFile.js';
import { callsInBody, type FunctionFacts } from './functionFacts.js';
import { identityText, type FunctionSource } from './source/functionSource.js';
import type { SourceOutline } from './source/sourceOutline.js';
import type { AskedSymbols, Recorded } from './symbols/symbolMemory.js';
import { answerText, type Question } from './symbols/symbolQuestions.js';
import type { FactSymbols } from './symbols/wordRoles.js';

/** Where the facts of a tree's functions outlive the process: a record for each file, by its path. */
export interface FactRecords {
  readonly read: (path: string) => string | null;
  readonly write: (records: ReadonlyMap<string, string>) => void;
  /** A short text that no other text has. */
  readonly digest: (text: string) => string;
}

/** The facts that earlier processes left, for one reading, and those that it leaves. */
export interface KeptFacts {
  /** What is kept of a file's functions and true of them now. */
  readonly recall: (file: SourceOutline) => (fn: FunctionSource) => Recorded<FunctionFacts> | null;
  /** Takes a file's functions; they are kept if any was not. */
  readonly keep: (file: SourceOutline, facts: readonly Recorded<FunctionFacts>[]) => void;
  /** Writes what is new. */
  readonly write: () => void;
}

/**
 * Facts by a function's content and by what was asked of the tree's symbols for them. Most functions say nothing and are not
 * kept: their words are looked up sooner than a record is read.
 */
export function keptFacts(records: FactRecords, asked: AskedSymbols<FactSymbols>): KeptFacts {
  const fresh = new Map<string, string>();
  const recalled = new Set<Recorded<FunctionFacts>>();
  const answerOf = memoizeByIdentity((question: Question) => brief(answerText(asked.ask(question).answer), records));
  const contentOf = memoizeByIdentity((fn: FunctionSource) => records.digest(identityText(fn)));

  return {
    recall: (file) => {
      const kept = lazy(() => parseFactsFile(records.read(file.source.path) ?? ''));
      const questions = lazy(() => {
        return kept().questions.map(({ answer, ...question }) => {
          const now = asked.ask(question).question;
          return answerOf(now) === answer ? now : null;
        });
      });
      return (fn) => {
        const named = kept().functions.get(fn.name) ?? [];
        const own = named.find(({ content }) => content === contentOf(fn));
        const answered = own?.asked.map((index) => questions()[index]).filter((question) => !!question);
        if (!own || answered?.length !== own.asked.length) return null;
        const found = { result: restored(fn, own.facts), questions: answered };
        recalled.add(found);
        return found;
      };
    },
    keep: (file, facts) => {
      const costly = facts.flatMap((recorded, i) => {
        const fn = file.functions[i]?.source;
        return fn && isCostly(recorded) ? [{ fn, recorded }] : [];
      });
      if (costly.every(({ recorded }) => recalled.has(recorded))) return;
      const functions = costly.map(({ fn, recorded: { result, questions } }) => ({
        name: fn.name,
        content: contentOf(fn),
        facts: withoutText(fn, result),
        questions,
      }));
      fresh.set(file.source.path, factsFile(functions, answerOf));
    },
    write: () => {
      if (fresh.size > 0) records.write(fresh);
    },
  };
}

/** Whether facts take more than to look up the function's words: those of a parse, or of macros that were expanded. */
function isCostly({ result, questions }: Recorded<FunctionFacts>): boolean {
  return result.isTelling || questions.some(({ table }) => table === 'macros');
}

/** An answer as it is kept. */
function brief(answer: string, { digest }: FactRecords): string {
  return answer.length <= LONGEST_ANSWER ? answer : digest(answer);
}

/** A digest is no shorter than this. Characters. */
const LONGEST_ANSWER = 20;

/** Facts without what the function's text says as it stands. */
function withoutText(fn: FunctionSource, { words, calls, ...others }: FunctionFacts): FactsWithoutText {
  return words === fn.words ? others : { ...others, words: [...words], calls };
}

function restored(fn: FunctionSource, { words, calls, ...others }: FactsWithoutText): FunctionFacts {
  return { ...others, words: words ? new Map(words) : fn.words, calls: calls ?? callsInBody(fn) };
}

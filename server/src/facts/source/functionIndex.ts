import { memoizeByIdentity } from '../../cache/memoize.js';
import type { FunctionSource } from './functionSource.js';
import type { SourceOutline } from './sourceOutline.js';

const sourcesOf = memoizeByIdentity(({ functions }: SourceOutline): readonly FunctionSource[] =>
  functions.map(({ source }) => source),
);

/** The functions of a file that a word stands in, in the order of the text. Searched once for each word that is asked for. */
export const functionsNaming = memoizeByIdentity((file: SourceOutline) => {
  const known = new Map<string, readonly FunctionSource[]>();
  return (word: string): readonly FunctionSource[] => {
    const found = known.get(word) ?? sourcesOf(file).filter(({ words }) => words.has(word));
    known.set(word, found);
    return found;
  };
});

/** The functions of a file by the names that they call. */
const callersIn = memoizeByIdentity((file: SourceOutline): ReadonlyMap<string, readonly FunctionSource[]> => {
  const callers = new Map<string, FunctionSource[]>();
  for (const fn of sourcesOf(file)) {
    for (const name of new Set(fn.calls.map((call) => call.name))) {
      const known = callers.get(name);
      if (known) known.push(fn);
      else callers.set(name, [fn]);
    }
  }
  return callers;
});

/** The functions of a tree that call a name. */
export function functionsCalling(outlines: readonly SourceOutline[], name: string): FunctionSource[] {
  return outlines.flatMap((file) => callersIn(file).get(name) ?? []);
}

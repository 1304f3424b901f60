import { memoizeByIdentity } from '../../cache/memoize.js';
import type { OutlineItem } from '../../syntax/c/outline.js';
import type { SourceOutline } from './sourceOutline.js';

/** The functions of a file that a word stands in, in the order of the text. Searched once for each word that is asked for. */
export const functionsNaming = memoizeByIdentity((file: SourceOutline) => {
  const functions = file.items.filter((item) => item.kind === 'function');
  const known = new Map<string, readonly OutlineItem[]>();
  return (word: string): readonly OutlineItem[] => {
    const found = known.get(word) ?? functions.filter((item) => item.words.has(word));
    known.set(word, found);
    return found;
  };
});

/** The functions of a file by the names that they call. */
const callersIn = memoizeByIdentity((file: SourceOutline): ReadonlyMap<string, readonly OutlineItem[]> => {
  const callers = new Map<string, OutlineItem[]>();
  for (const item of file.items) {
    if (item.kind !== 'function') continue;
    for (const name of new Set(item.calls.map((call) => call.name))) {
      const known = callers.get(name);
      if (known) known.push(item);
      else callers.set(name, [item]);
    }
  }
  return callers;
});

/** The functions of a tree that call a name. */
export function functionsCalling(outlines: readonly SourceOutline[], name: string): OutlineItem[] {
  return outlines.flatMap((file) => callersIn(file).get(name) ?? []);
}

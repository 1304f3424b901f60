import { onceForEach } from '../syntax/onceForEach.js';
import type { OutlineItem } from '../syntax/outline.js';
import type { SourceOutline } from './sourceOutline.js';

/** The functions of a file that a word stands in, in the order of the text. Searched once for each word that is asked for. */
export const functionsNaming = onceForEach((file: SourceOutline) => {
  const functions = file.items.filter((item) => item.kind === 'function');
  const known = new Map<string, readonly OutlineItem[]>();
  return (word: string): readonly OutlineItem[] => {
    const found = known.get(word) ?? functions.filter((item) => item.words.has(word));
    known.set(word, found);
    return found;
  };
});

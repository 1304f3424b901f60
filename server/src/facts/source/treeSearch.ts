import type { OutlineItem } from '../../syntax/c/outline.js';
import { functionsNaming } from './functionIndex.js';
import type { FunctionTree, TreeReader } from './functionTree.js';
import type { SourceOutline } from './sourceOutline.js';

/** A helper calls a helper calls a helper; no tree goes deeper. */
export const MOST_ROUNDS = 6;

/** A helper that only passes a register on is short. Characters. */
export const LONGEST_HELPER = 1500;

/** The trees of the functions that name one of the words, and are wanted for the rest. */
export function treesNaming(
  read: TreeReader,
  outlines: readonly SourceOutline[],
  words: readonly string[],
  isWanted: (item: OutlineItem) => boolean,
): FunctionTree[] {
  return outlines.flatMap((file) => {
    const naming = new Set(words.flatMap(functionsNaming(file)));
    return [...naming]
      .filter(isWanted)
      .sort((a, b) => a.start - b.start)
      .flatMap((item) => read(file, item));
  });
}

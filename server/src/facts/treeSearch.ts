import type { OutlineItem } from '../syntax/outline.js';
import type { FunctionTree, TreeReader } from './functionTree.js';
import type { SourceOutline } from './sourceOutline.js';

/** A helper calls a helper calls a helper; no tree goes deeper. */
export const MOST_ROUNDS = 6;

/** A helper that only passes a register on is short. Characters. */
export const LONGEST_HELPER = 1500;

/** The trees of the functions that are wanted. */
export function treesOf(
  read: TreeReader,
  outlines: readonly SourceOutline[],
  isWanted: (item: OutlineItem) => boolean,
): FunctionTree[] {
  return outlines.flatMap((file) =>
    file.items.filter((item) => item.kind === 'function' && isWanted(item)).flatMap((item) => read(file, item)),
  );
}

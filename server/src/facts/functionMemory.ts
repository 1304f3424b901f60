import { branchVariants, type OutlineItem } from '../syntax/outline.js';
import { onceForEach } from '../syntax/onceForEach.js';
import { conditionsAt } from '../syntax/preprocessor.js';
import { pieceMemory } from './pieceMemory.js';
import type { SourceOutline } from './sourceOutline.js';
import type { Vocabulary } from './vocabulary.js';

/** What is read of a function, given the tree's names. */
type ReadingOf<Result> = (file: SourceOutline, item: OutlineItem, vocabulary: Vocabulary) => Result;

/**
 * A reader of functions that remembers those of each path's last outline, as long as the tree's names stay the same. `placed`
 * gives what was read of a function where that stands now, `by` characters further on.
 */
export function functionMemory<Result>(
  read: ReadingOf<Result>,
  placed: (result: Result, by: number, item: OutlineItem) => Result,
): ReadingOf<Result> {
  const memory = pieceMemory(placed);
  return (file, item, vocabulary) => memory(file)(functionKeys(file)(item), item, () => read(file, item, vocabulary));
}

/** All that a function's reading depends on, besides the tree's names and where in its file the function stands. */
const functionKeys = onceForEach((file: SourceOutline) => onceForEach((item: OutlineItem) => functionKey(file, item)));

function functionKey({ code, directives }: SourceOutline, item: OutlineItem): string {
  const inside = directives.regions.filter(({ start }) => start > item.start && start < item.end);
  if (inside.length === 0)
    return JSON.stringify(conditionsAt(directives, item.start)) + code.slice(item.start, item.end);
  const conditions = [item, ...inside].map(({ start }) => [start - item.start, conditionsAt(directives, start)]);
  const variants = branchVariants(directives, item).map((blanked) =>
    blanked.map(({ start, end }) => [start - item.start, end - item.start]),
  );
  return JSON.stringify([conditions, variants]) + code.slice(item.start, item.end);
}

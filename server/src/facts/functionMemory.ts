import { branchVariants, type OutlineItem } from '../syntax/outline.js';
import { onceForEach } from '../syntax/onceForEach.js';
import { conditionsAt } from '../syntax/preprocessor.js';
import type { SourceOutline } from './sourceOutline.js';
import type { Vocabulary } from './vocabulary.js';

/** What is read of a function, given the tree's names. */
export type ReadingOf<Result> = (file: SourceOutline, item: OutlineItem, vocabulary: Vocabulary) => Result;

/**
 * Gives a reader for a file's functions, which remembers those that the file of that path had when it was last read. `placed`
 * gives what was read of a function where that stands now.
 */
export function functionMemory<Result>(
  read: ReadingOf<Result>,
  placed: (result: Result, item: OutlineItem) => Result,
): (file: SourceOutline) => ReadingOf<Result> {
  const byPath = new Map<string, ReadonlyMap<string, { readonly result: Result }>>();
  return ({ source: { path } }) => {
    const before = byPath.get(path);
    const now = new Map<string, { readonly result: Result }>();
    byPath.set(path, now);
    return (file, item, vocabulary) => {
      const key = functionKeys(file)(item);
      const last = before?.get(key);
      const result = last ? placed(last.result, item) : read(file, item, vocabulary);
      now.set(key, { result });
      return result;
    };
  };
}

/** All that a function's reading depends on, besides the tree's names and where in its file the function stands. */
const functionKeys = onceForEach((file: SourceOutline) => onceForEach((item: OutlineItem) => functionKey(file, item)));

function functionKey({ code, directives }: SourceOutline, item: OutlineItem): string {
  const inside = directives.regions.filter(({ start }) => start > item.start && start < item.end);
  const conditions = [item, ...inside].map(({ start }) => [start - item.start, conditionsAt(directives, start)]);
  const variants = branchVariants(directives, item).map((blanked) =>
    blanked.map(({ start, end }) => [start - item.start, end - item.start]),
  );
  return JSON.stringify([conditions, variants]) + code.slice(item.start, item.end);
}

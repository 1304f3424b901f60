import type { OutlineItem } from '../../syntax/c/outline.js';
import { branchVariants } from '../../syntax/preprocessor/branchVariants.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import { configGuardsAt } from '../../syntax/preprocessor/directives.js';
import { itemCache } from './itemCache.js';
import type { SourceOutline } from './sourceOutline.js';

/** What is read of a function, given the tree's names. */
export type ReadingOf<Names, Result> = (file: SourceOutline, item: OutlineItem, names: Names) => Result;

/** What is read of a file, given the tree's names. */
export type FileReading<Names, Result> = (file: SourceOutline, names: Names) => Result;

/** A reader of files that remembers what each outline gave, as long as the tree's names stay the same. */
export function fileCache<Names, Result>(read: FileReading<Names, Result>): FileReading<Names, Result> {
  const known = new WeakMap<SourceOutline, { readonly result: Result }>();
  return (file, names) => {
    const last = known.get(file) ?? { result: read(file, names) };
    known.set(file, last);
    return last.result;
  };
}

/**
 * A reader of functions that remembers those of each path's last outline, as long as the tree's names stay the same. `placed`
 * gives what was read of a function where that stands now, `by` characters further on.
 */
export function functionCache<Names, Result>(
  read: ReadingOf<Names, Result>,
  placed: (result: Result, by: number, item: OutlineItem) => Result,
): ReadingOf<Names, Result> {
  const memory = itemCache(placed);
  return (file, item, names) => memory(file)(functionKeys(file)(item), item, () => read(file, item, names));
}

/** All that a function's reading depends on, besides the tree's names and where in its file the function stands. */
const functionKeys = memoizeByIdentity((file: SourceOutline) =>
  memoizeByIdentity((item: OutlineItem) => functionKey(file, item)),
);

function functionKey({ code, directives }: SourceOutline, item: OutlineItem): string {
  const inside = directives.regions.filter(({ start }) => start > item.start && start < item.end);
  if (inside.length === 0)
    return JSON.stringify(configGuardsAt(directives, item.start)) + code.slice(item.start, item.end);
  const conditions = [item, ...inside].map(({ start }) => [start - item.start, configGuardsAt(directives, start)]);
  const variants = branchVariants(directives, item).map((blanked) =>
    blanked.map(({ start, end }) => [start - item.start, end - item.start]),
  );
  return JSON.stringify([conditions, variants]) + code.slice(item.start, item.end);
}

import { memoizeByIdentity } from '../../cache/memoize.js';
import type { OutlineItem } from '../../syntax/c/outline.js';
import type { SourceOutline } from './sourceOutline.js';

/** Gives what is read of a file's item. `key` says all that it depends on, besides where in its file the item stands. */
type ItemCache<Result> = (file: SourceOutline) => (key: string, item: OutlineItem, read: () => Result) => Result;

/**
 * Remembers what was read of the items of each path's last outline: an edit leaves most of a file as it was, but moves it.
 * `placed` gives what was read of an item where it stands now, `by` characters further on.
 */
export function itemCache<Result>(
  placed: (result: Result, by: number, item: OutlineItem) => Result,
): ItemCache<Result> {
  const byPath = new Map<string, ReadonlyMap<string, { readonly start: number; readonly result: Result }>>();
  return memoizeByIdentity(({ source: { path } }) => {
    const before = byPath.get(path);
    const now = new Map<string, { readonly start: number; readonly result: Result }>();
    byPath.set(path, now);
    return (key, item, read) => {
      const last = before?.get(key);
      const by = last ? item.start - last.start : 0;
      const result = last ? (by === 0 ? last.result : placed(last.result, by, item)) : read();
      now.set(key, { start: item.start, result });
      return result;
    };
  });
}

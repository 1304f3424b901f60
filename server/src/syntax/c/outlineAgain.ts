import { outline, outlineBetween, type OutlineItem } from './outline.js';

/** C text, its comments and directives blanked, with its items. */
export interface OutlinedText {
  readonly code: string;
  readonly items: readonly OutlineItem[];
}

/** The items of a text as `outline` gives them. Of `before`, an earlier text of the same file, those that an edit left are taken. */
export function outlineAgain(code: string, before: OutlinedText | null): readonly OutlineItem[] {
  if (!before) return outline(code);
  const most = Math.min(code.length, before.code.length);
  const first = commonLength(most, (from, to) => code.slice(from, to) === before.code.slice(from, to));
  const [end, endBefore] = [code.length, before.code.length];
  const last = commonLength(
    most - first,
    (from, to) => code.slice(end - to, end - from) === before.code.slice(endBefore - to, endBefore - from),
  );
  // Where an item ends, what follows may tell: the next one has to be the same too.
  const head = before.items.slice(0, Math.max(0, countOf(before.items, (item) => item.end < first) - 1));
  const from = head.at(-1)?.end ?? 0;
  const kept = before.items.slice(countOf(before.items, (item) => item.start <= endBefore - last) + 1);
  const tail = kept.map((item) => movedItem(item, end - endBefore));
  const [behind] = tail;
  const edited = behind && outlineBetween(code, from, behind.start);
  if (edited?.isWhole) return [...head, ...edited.items, ...tail];
  return [...head, ...outlineBetween(code, from, end).items];
}

/** How many of some items, from the first on, something holds of, which holds of none behind. */
function countOf(items: readonly OutlineItem[], holds: (item: OutlineItem) => boolean): number {
  const others = items.findIndex((item) => !holds(item));
  return others < 0 ? items.length : others;
}

/** Characters that are compared at once. */
const PIECE = 4096;

/** The greatest length up to `most` at which two texts are the same, asked of piece after piece. */
function commonLength(most: number, isSame: (from: number, to: number) => boolean): number {
  let length = 0;
  for (let piece = PIECE; piece >= 1; piece >>= 1)
    while (length + piece <= most && isSame(length, length + piece)) length += piece;
  return length;
}

function movedItem(item: OutlineItem, by: number): OutlineItem {
  if (by === 0) return item;
  const { start, end, nameStart, bodyStart, unbalancedAt } = item;
  return {
    ...item,
    start: start + by,
    end: end + by,
    nameStart: nameStart + by,
    bodyStart: bodyStart < 0 ? bodyStart : bodyStart + by,
    unbalancedAt: unbalancedAt === null ? null : unbalancedAt + by,
  };
}

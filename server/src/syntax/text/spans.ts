import { lastAtOrBefore } from './lastAtOrBefore.js';
import type { Span } from './sourceText.js';

/** What two lists of spans both hold. The spans of each are in order and apart; so are the result's. */
export function commonSpans(some: readonly Span[], others: readonly Span[]): Span[] {
  const common: Span[] = [];
  for (let i = 0, j = 0; ;) {
    const [one, other] = [some[i], others[j]];
    if (!one || !other) return common;
    const [start, end] = [Math.max(one.start, other.start), Math.min(one.end, other.end)];
    if (start < end) common.push({ start, end });
    if (one.end < other.end) i++;
    else j++;
  }
}

/** Whether an offset is in one of some spans, which are in order and apart. */
export function isWithin(spans: readonly Span[], offset: number): boolean {
  const span = spans[lastAtOrBefore(spans, offset, ({ end }) => end) + 1];
  return span !== undefined && span.start <= offset;
}

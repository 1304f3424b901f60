import { describe, expect, it } from 'vitest';
import { commonSpans, isWithin } from '../../server/src/syntax/text/spans.js';

describe('commonSpans', () => {
  it('gives what both lists hold', () => {
    const some = [
      { start: 0, end: 4 },
      { start: 6, end: 9 },
    ];
    const others = [
      { start: 2, end: 7 },
      { start: 9, end: 12 },
    ];
    const common = [
      { start: 2, end: 4 },
      { start: 6, end: 7 },
    ];
    expect(commonSpans(some, others)).toEqual(common);
    expect(commonSpans(others, some)).toEqual(common);
    expect(commonSpans(some, [])).toEqual([]);
  });
});

describe('isWithin', () => {
  it('takes a span to end before its end', () => {
    const spans = [
      { start: 2, end: 4 },
      { start: 6, end: 7 },
    ];
    const within = [0, 1, 2, 3, 4, 5, 6, 7].filter((offset) => isWithin(spans, offset));
    expect(within).toEqual([2, 3, 6]);
    expect(isWithin([], 0)).toBe(false);
  });
});

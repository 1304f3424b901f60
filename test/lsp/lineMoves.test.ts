import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lineMoves } from '../../server/src/lsp/engine/lineMoves.js';

/** Few different lines, so that many are alike. */
const lines = fc.array(fc.constantFrom('', '{', '}', '\tint a;', '\tint b;'), { minLength: 1, maxLength: 12 });

it('a line that has moved holds the same text, and none around an edit is lost', () => {
  fc.assert(
    fc.property(lines, lines, lines, lines, (top, removed, added, bottom) => {
      const before = [...top, ...removed, ...bottom];
      const after = [...top, ...added, ...bottom];
      const { now, earlier } = lineMoves(before.join('\n'), after.join('\n'));
      before.forEach((text, line) => {
        const moved = now(line);
        if (moved === null) return;
        expect(after[moved]).toBe(text);
        expect(earlier(moved)).toBe(line);
      });
      top.forEach((_, line) => {
        expect(now(line)).toBe(line);
      });
      // Which of two alike lines is the new one can't be told, so they are counted.
      const kept = before.filter((_, line) => now(line) !== null).length;
      expect(kept).toBeGreaterThanOrEqual(top.length + bottom.length);
    }),
  );
});

it('a line that was edited is no longer there', () => {
  const { now, earlier } = lineMoves('a\nb\nc\n', 'new\na\nB\nc\n');
  expect([0, 1, 2].map(now)).toEqual([null, null, 3]);
  expect([0, 1, 2, 3].map(earlier)).toEqual([null, null, null, 2]);
});

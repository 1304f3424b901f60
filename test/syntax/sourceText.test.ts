import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineAt, locationAt, offsetAt, sourceText } from '../../server/src/syntax/text/sourceText.js';

describe('locationAt', () => {
  it.each([
    { what: 'the first character', text: 'ab', at: 'a', line: 1, column: 1 },
    { what: 'a tab as one column', text: '\t\tx', at: 'x', line: 1, column: 3 },
    { what: 'a letter of two bytes', text: '/* ä */ x', at: 'x', line: 1, column: 10 },
    { what: 'a letter of three bytes', text: '/* 名 */ x', at: 'x', line: 1, column: 11 },
    { what: 'a code point of four bytes', text: '/* 😀 */ x', at: 'x', line: 1, column: 12 },
    { what: 'Windows line ends', text: 'a\r\n\tx\r\n', at: 'x', line: 2, column: 2 },
    { what: 'a line behind an empty one', text: '\n\nx', at: 'x', line: 3, column: 1 },
  ])('counts $what', ({ text, at, line, column }) => {
    expect(locationAt(sourceText('a.c', text), text.indexOf(at))).toEqual({ file: 'a.c', line, column });
  });

  it("gives the text's end a place, also behind a last new line", () => {
    expect(locationAt(sourceText('a.c', 'ab\n'), 3)).toMatchObject({ line: 2, column: 1 });
    expect(locationAt(sourceText('a.c', ''), 0)).toMatchObject({ line: 1, column: 1 });
  });
});

describe('offsetAt', () => {
  it('is null for a line that is not there', () => {
    const source = sourceText('a.c', 'a\nb');
    expect([offsetAt(source, 0, 1), offsetAt(source, 3, 1), offsetAt(source, 2, 1)]).toEqual([null, null, 2]);
  });

  it('stays on its line when the column is too large', () => {
    const source = sourceText('a.c', 'ab\ncd\n');
    expect(lineAt(source, (offsetAt(source, 1, 99) ?? 0) - 1)).toBe(1);
  });

  it('finds back what locationAt said, for the beginning of every code point', () => {
    const piece = fc.constantFrom('a', '\t', '\n', '\r\n', 'ß', '名', '😀', '\u{10ffff}', ' ');
    fc.assert(
      fc.property(fc.array(piece), fc.nat(), (pieces, pick) => {
        const text = pieces.join('');
        const offset = pieces.slice(0, pick % (pieces.length + 1)).join('').length;
        const source = sourceText('a.c', text);
        const { line, column } = locationAt(source, offset);
        expect(offsetAt(source, line, column)).toBe(offset);
        expect(column).toBe(Buffer.byteLength(text.slice(source.lineStarts[line - 1], offset)) + 1);
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});

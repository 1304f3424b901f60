import { describe, expect, it } from 'vitest';
import { collapse, skipComment, skipLiteral, tokenize } from '../../server/src/syntax/text/tokens.js';

/** Kind and text of each token: `word:a`. */
function kinds(text: string): string[] {
  return tokenize(text).map((token) => `${token.kind}:${token.text}`);
}

function texts(text: string): string[] {
  return tokenize(text).map((token) => token.text);
}

describe('tokenize', () => {
  it('tells the kinds apart', () => {
    expect(kinds(`_x1 0x1f "s" 'c' ;`)).toEqual(['word:_x1', 'number:0x1f', 'string:"s"', "char:'c'", 'punctuator:;']);
  });

  it('reads a preprocessing number whole: suffixes, exponents, but no sum of hexadecimal numbers', () => {
    expect(texts('1UL 0x10ull 1.5e-3 .5 0x1p+4 0xe+1 1+2')).toEqual([
      ...['1UL', '0x10ull', '1.5e-3', '.5', '0x1p+4', '0xe', '+', '1', '1', '+', '2'],
    ]);
  });

  it('takes the longest punctuator', () => {
    expect(texts('a<<=b>>c->d...e##f++ +g')).toEqual([
      ...['a', '<<=', 'b', '>>', 'c', '->', 'd', '...', 'e', '##', 'f', '++', '+', 'g'],
    ]);
  });

  it('knows whether white space stands before a token: blanks, comments, new lines, continued lines', () => {
    const spaced = tokenize('a(b) c/* */d//x\ne\\\nf').map((token) => token.text + (token.spaced ? ' spaced' : ''));
    expect(spaced).toEqual(['a spaced', '(', 'b', ')', 'c spaced', 'd spaced', 'e spaced', 'f spaced']);
  });

  it('gives offsets into the whole text for a part of it', () => {
    const text = 'aa bb cc';
    expect(tokenize(text, 3, 5)).toEqual([{ kind: 'word', text: 'bb', start: 3, end: 5, spaced: true }]);
  });

  it('leaves out comments of both kinds, also continued and unfinished ones', () => {
    expect(texts('a /* b\n c */ d // e \\\n f\ng /* h')).toEqual(['a', 'd', 'g']);
    expect(texts('a // b \\\r\n c\r\nd')).toEqual(['a', 'd']);
  });

  it.each([' ', '\t', ' \v\f\t '])('joins lines where blanks stand behind the backslash: %j', (blanks) => {
    const joined = `\\${blanks}\n`;
    expect(texts(`a ${joined}b // c ${joined} d\ne`)).toEqual(['a', 'b', 'e']);
    expect(texts(`"a${joined}b" 'c\\${blanks}\r\nd' e`)).toEqual([`"a${joined}b"`, `'c\\${blanks}\r\nd'`, 'e']);
    expect(tokenize(`a${joined}b`)[1]).toEqual({
      ...{ kind: 'word', text: 'b', start: 3 + blanks.length, end: 4 + blanks.length, spaced: true },
    });
  });

  it('joins no lines where more than blanks stands behind the backslash', () => {
    expect(texts('a \\ b\nc')).toEqual(['a', '\\', 'b', 'c']);
    expect(texts('// a \\ b\nc')).toEqual(['c']);
    expect(texts('"a \\ "\nb')).toEqual(['"a \\ "', 'b']);
  });

  it('keeps comment signs and quotes inside literals', () => {
    expect(texts(String.raw`"/* no */" '"' "\"//" '\''`)).toEqual([
      '"/* no */"',
      `'"'`,
      String.raw`"\"//"`,
      String.raw`'\''`,
    ]);
  });

  it('ends an unfinished literal at its line', () => {
    expect(texts(`f("open\nb 'c\nd`)).toEqual(['f', '(', '"open', 'b', `'c`, 'd']);
  });

  it('reads other scripts and dollar signs as words', () => {
    expect(kinds('größe $x 名')).toEqual(['word:größe', 'word:$x', 'word:名']);
  });
});

describe('skipComment and skipLiteral', () => {
  it('stay where there is none', () => {
    expect(skipComment('a / b', 2, 5)).toBe(2);
    expect(skipComment('/', 0, 1)).toBe(0);
  });

  it('stop at the end they are given', () => {
    expect(skipComment('/* a */', 0, 4)).toBe(4);
    expect(skipComment('// a\nb', 0, 3)).toBe(3);
    expect(skipLiteral('"abc"', 0, 3)).toBe(3);
  });
});

describe('collapse', () => {
  it('makes one space of white space, comments and continued lines, and trims', () => {
    expect(collapse('  a &&\t/* why */ \\\n\t!b( c )\n')).toBe('a && !b( c )');
  });
});

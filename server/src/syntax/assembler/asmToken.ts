import { tokenize, type Token } from '../text/tokens.js';

/**
 * A token that the assembler sees, after the C preprocessor. `start` and `end` say where in this file it comes from: the
 * token itself, or the name of the `#define` or of the outermost `.macro` that it comes out of.
 */
export interface AsmToken extends Token {
  /** Names of the `#define`s that it came through, outermost first. */
  readonly through: readonly string[];
  /** It stands in a `.macro`'s body, so that its place is only that of the macro's name. */
  readonly isBorrowed: boolean;
}

const NOTHING: readonly string[] = [];

/** A token as it is written, which came through no macro. */
export function plainToken(token: Token): AsmToken {
  const { kind, text, start, end, spaced } = token;
  return { kind, text, start, end, spaced, through: NOTHING, isBorrowed: false };
}

/** In assembly `$` is no letter: `$NAME` is the immediate `NAME`. */
export function immediateApart<T extends Token>(token: T): T[] {
  if (token.kind !== 'word' || !token.text.startsWith('$') || token.text === '$') {
    return [token.text === '$' ? { ...token, kind: 'punctuator' } : token];
  }
  const text = token.text.slice(1);
  const isWhole = token.end - token.start === token.text.length;
  return [
    { ...token, kind: 'punctuator', text: '$', end: isWhole ? token.start + 1 : token.end },
    {
      ...token,
      kind: /^\d/.test(text) ? 'number' : 'word',
      text,
      start: isWhole ? token.start + 1 : token.start,
      spaced: false,
    },
  ];
}

/**
 * Joins what the assembler reads as one word: `.Lname`, `name.part`, and what a substituted argument touches (`r` `8`
 * in `r\n`). The result's place is that of its last part that is not borrowed.
 */
export function glued(tokens: readonly AsmToken[]): AsmToken[] {
  const result: AsmToken[] = [];
  for (const token of tokens) {
    const left = result.at(-1);
    if (left && touches(left, token)) result[result.length - 1] = joined(left, token);
    else result.push(token);
  }
  return result;
}

/** Whether two tokens are one word to the assembler. */
function touches(left: AsmToken, right: AsmToken): boolean {
  if (right.spaced || !isWordPart(left) || !isWordPart(right)) return false;
  return left.kind !== 'number' || right.text !== '.';
}

function isWordPart(token: AsmToken): boolean {
  return token.kind === 'word' || token.kind === 'number' || token.text === '.';
}

function joined(left: AsmToken, right: AsmToken): AsmToken {
  const place = right.isBorrowed && !left.isBorrowed ? left : right;
  const isTouching = left.end === right.start;
  return {
    kind: left.kind === 'number' ? 'number' : 'word',
    text: left.text + right.text,
    start: isTouching ? left.start : place.start,
    end: isTouching ? right.end : place.end,
    spaced: left.spaced,
    through: [...left.through, ...right.through],
    isBorrowed: left.isBorrowed && right.isBorrowed,
  };
}

/** The tokens inside a string, at their own places where the string stands in this file as it is; other tokens as they are. */
export function insideString(token: AsmToken): readonly AsmToken[] {
  if (token.kind !== 'string') return [token];
  const isWhole = !token.isBorrowed && token.end - token.start === token.text.length;
  return tokenize(token.text.slice(1, -1))
    .flatMap(immediateApart)
    .map((inner) => ({
      ...plainToken(inner),
      start: isWhole ? token.start + 1 + inner.start : token.start,
      end: isWhole ? token.start + 1 + inner.end : token.end,
      through: token.through,
      isBorrowed: token.isBorrowed,
    }));
}

/** The tokens as text, for names that stay opaque and for problems. */
export function textOf(tokens: readonly Token[]): string {
  return tokens.map((token, i) => (token.spaced && i > 0 ? ' ' : '') + token.text).join('');
}

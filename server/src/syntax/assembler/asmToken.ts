import type { Token } from '../text/tokens.js';

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

/** A statement's tokens and the `#if` conditions over it. */
export interface Statement {
  readonly tokens: readonly AsmToken[];
  /** Outermost first; in a `.macro`'s body only those inside the body. */
  readonly conditions: readonly string[];
  readonly start: number;
  readonly end: number;
}

const NOTHING: readonly string[] = [];

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
    if (
      !left ||
      token.spaced ||
      !isWordPart(left) ||
      !isWordPart(token) ||
      (left.kind === 'number' && token.text === '.')
    ) {
      result.push(token);
      continue;
    }
    const place = token.isBorrowed && !left.isBorrowed ? left : token;
    const isTouching = left.end === token.start;
    result[result.length - 1] = {
      kind: left.kind === 'number' ? 'number' : 'word',
      text: left.text + token.text,
      start: isTouching ? left.start : place.start,
      end: isTouching ? token.end : place.end,
      spaced: left.spaced,
      through: [...left.through, ...token.through],
      isBorrowed: left.isBorrowed && token.isBorrowed,
    };
  }
  return result;
}

function isWordPart(token: AsmToken): boolean {
  return token.kind === 'word' || token.kind === 'number' || token.text === '.';
}

/** Splits tokens at a separator outside of brackets. No tokens give no part. */
export function splitAt<T extends Token>(tokens: readonly T[], separator: string): T[][] {
  const first: T[] = [];
  const parts = [first];
  let depth = 0;
  for (const token of tokens) {
    if (token.text === '(') depth++;
    if (token.text === ')') depth = Math.max(0, depth - 1);
    if (token.text === separator && depth === 0) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return tokens.length === 0 ? [] : parts;
}

/** The index behind the bracket that closes the one at `open`; the tokens' length when it stays open. */
export function behindBracket(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    if (tokens[i]?.text === '(') depth++;
    if (tokens[i]?.text === ')' && --depth === 0) return i + 1;
  }
  return tokens.length;
}

/** The tokens as text, for names that stay opaque and for problems. */
export function textOf(tokens: readonly Token[]): string {
  return tokens.map((token, i) => (token.spaced && i > 0 ? ' ' : '') + token.text).join('');
}

import type { Token } from './tokens.js';

/** For each token that opens a `(`, `[` or `{`, the index of the token that closes it; -1 for all others and where it stays open. */
export function closingIndexes(tokens: readonly Token[]): Int32Array {
  const closings = new Int32Array(tokens.length).fill(-1);
  const open: number[] = [];
  tokens.forEach(({ text }, i) => {
    if (text === '(' || text === '[' || text === '{') open.push(i);
    else if (text === ')' || text === ']' || text === '}') {
      const opening = open.pop();
      if (opening !== undefined) closings[opening] = i;
    }
  });
  return closings;
}

/** The index of the bracket that closes the one at `open`, or -1. */
export function closingIndex(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    const text = tokens[i]?.text;
    if (text === '(' || text === '[' || text === '{') depth++;
    else if ((text === ')' || text === ']' || text === '}') && --depth === 0) return i;
  }
  return -1;
}

/** The index behind the `)` that closes the `(` at `open`; the tokens' length when it stays open. Other brackets are no matter. */
export function behindParenthesis(tokens: readonly Pick<Token, 'text'>[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    if (tokens[i]?.text === '(') depth++;
    if (tokens[i]?.text === ')' && --depth === 0) return i + 1;
  }
  return tokens.length;
}

/** Splits tokens at a separator outside of parentheses. No tokens give no part. */
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

import type { Span } from './sourceText.js';

/** Kinds of preprocessing tokens (C11 6.4). */
export type TokenKind = 'word' | 'number' | 'string' | 'char' | 'punctuator';

/** A preprocessing token. Offsets are 0-based UTF-16 code units into the text that was read. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** White space, a comment or a line's end stands before it. */
  readonly spaced: boolean;
}

const TAB = 9;
const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;
const ASTERISK = 42;
const DOT = 46;
const SLASH = 47;
const BACKSLASH = 92;

/** What an ASCII character can be part of: bit 0 a word's beginning, bit 1 a digit. */
const CHARACTER_CLASSES = Uint8Array.from({ length: 128 }, (_, c) => {
  const character = String.fromCharCode(c);
  return /[A-Za-z_$]/.test(character) ? 1 : /\d/.test(character) ? 2 : 0;
});

function classOf(c: number): number {
  return c < 128 ? (CHARACTER_CLASSES[c] ?? 0) : 1;
}

/** The offset behind the comment that starts at `at`, or `at` where none does. An open comment ends at `end`. */
export function skipComment(text: string, at: number, end: number): number {
  if (text.charCodeAt(at) !== SLASH) return at;
  const next = text.charCodeAt(at + 1);
  if (next === ASTERISK) {
    const close = text.indexOf('*/', at + 2);
    return close < 0 || close + 2 > end ? end : close + 2;
  }
  if (next !== SLASH) return at;
  let newline = text.indexOf('\n', at);
  while (newline > 0 && isContinued(text, newline)) newline = text.indexOf('\n', newline + 1);
  return newline < 0 || newline > end ? end : newline;
}

/** Whether the comment between two offsets lacks its end. */
export function isOpenComment(text: string, start: number, end: number): boolean {
  return text.startsWith('/*', start) && (end - start < 4 || !text.startsWith('*/', end - 2));
}

/** Whether the line that ends at `newline` goes on in the next one. */
export function isContinued(text: string, newline: number): boolean {
  let at = newline - 1;
  while (isBlank(text.charCodeAt(at))) at--;
  return text.charCodeAt(at) === BACKSLASH;
}

/**
 * The offset of the next line, when the backslash at `at` joins it to this one; `at` otherwise. GCC and Clang let blanks
 * stand between the backslash and the line's end, with a warning (GCC's cpp manual, "Initial processing").
 */
function skipContinuation(text: string, at: number): number {
  let end = at + 1;
  while (isBlank(text.charCodeAt(end))) end++;
  return text.charCodeAt(end) === NEWLINE ? end + 1 : at;
}

/** White space inside of a line: space, tab, vertical tab, form feed, and the first half of a Windows line end. */
function isBlank(c: number): boolean {
  return c === SPACE || (c >= TAB && c <= CARRIAGE_RETURN && c !== NEWLINE);
}

/** The offset behind the string or character literal that starts at `at`, or `at` where none does. An open one ends with its line. */
export function skipLiteral(text: string, at: number, end: number): number {
  const quote = text.charCodeAt(at);
  if (quote !== DOUBLE_QUOTE && quote !== SINGLE_QUOTE) return at;
  for (let i = at + 1; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c === BACKSLASH) i = Math.max(i + 1, skipContinuation(text, i) - 1);
    else if (c === quote) return i + 1;
    else if (c === NEWLINE) return i;
  }
  return end;
}

function skipWord(text: string, at: number, end: number): number {
  let i = at;
  while (i < end && classOf(text.charCodeAt(i)) !== 0) i++;
  return i;
}

function skipNumber(text: string, at: number, end: number): number {
  let i = at;
  for (; i < end; i++) {
    const c = text.charCodeAt(i);
    if (classOf(c) !== 0 || c === DOT) continue;
    const before = text.charCodeAt(i - 1) | 32;
    // The sign of an exponent belongs to the number, but hexadecimal digits are no exponent.
    const isExponent =
      (c === 43 || c === 45) && (before === 112 || (before === 101 && (text.charCodeAt(at + 1) | 32) !== 120));
    if (!isExponent) break;
  }
  return i;
}

/** Punctuators of more than one character (C11 6.4.6), by their first. Longest first, so that the first that fits is it. */
const LONG_PUNCTUATORS = new Map<number, readonly string[]>();
for (const punctuator of '<<= >>= ... -> ++ -- << >> <= >= == != && || += -= *= /= %= &= |= ^= ##'.split(' ')) {
  const first = punctuator.charCodeAt(0);
  LONG_PUNCTUATORS.set(first, [...(LONG_PUNCTUATORS.get(first) ?? []), punctuator]);
}

function punctuatorEnd(text: string, at: number, end: number): number {
  for (const punctuator of LONG_PUNCTUATORS.get(text.charCodeAt(at)) ?? []) {
    if (text.startsWith(punctuator, at) && at + punctuator.length <= end) return at + punctuator.length;
  }
  return at + 1;
}

/**
 * What stands before a token: nothing, `space` (white space, a comment or a line continuation), or `line`: a line's
 * beginning, with nothing but white space and comments behind it.
 */
export type Gap = 'none' | 'space' | 'line';

/** Receives each token in turn. */
type TokenVisitor = (kind: TokenKind, start: number, end: number, gap: Gap) => void;

/** Visits the tokens of `text` between two offsets, leaving out comments and line continuations. Never throws. */
export function forEachToken(text: string, from: number, to: number, visit: TokenVisitor): void {
  let gap: Gap = 'line';
  for (let at = from; at < to;) {
    const c = text.charCodeAt(at);
    if (c === NEWLINE) {
      gap = 'line';
      at++;
      continue;
    }
    const behind = skipIgnored(text, at, to, c);
    if (behind > at) {
      if (gap === 'none') gap = 'space';
      at = behind;
      continue;
    }
    const kind = kindAt(text, at, c);
    const end = tokenEnd(kind, text, at, to);
    visit(kind, at, end, gap);
    gap = 'none';
    at = end;
  }
}

/** A visitor that is not told of tokens that begin in one of the spans, which are in the order of the text. */
export function outside(spans: readonly Span[], visit: TokenVisitor): TokenVisitor {
  let next = 0;
  return (kind, start, end, gap) => {
    while ((spans[next]?.end ?? Infinity) <= start) next++;
    if ((spans[next]?.start ?? Infinity) > start) visit(kind, start, end, gap);
  };
}

/** The offset behind the blank, the continuation or the comment that begins with `c` at `at`, or `at` where none does. */
function skipIgnored(text: string, at: number, to: number, c: number): number {
  if (c <= SPACE) return at + 1;
  if (c === SLASH) return skipComment(text, at, to);
  return c === BACKSLASH ? skipContinuation(text, at) : at;
}

function kindAt(text: string, at: number, c: number): TokenKind {
  const characterClass = classOf(c);
  if (characterClass === 1) return 'word';
  if (characterClass === 2 || (c === DOT && classOf(text.charCodeAt(at + 1)) === 2)) return 'number';
  if (c === DOUBLE_QUOTE) return 'string';
  return c === SINGLE_QUOTE ? 'char' : 'punctuator';
}

function tokenEnd(kind: TokenKind, text: string, at: number, to: number): number {
  switch (kind) {
    case 'word':
      return skipWord(text, at, to);
    case 'number':
      return skipNumber(text, at, to);
    case 'string':
    case 'char':
      return skipLiteral(text, at, to);
    case 'punctuator':
      return punctuatorEnd(text, at, to);
  }
}

/** The tokens of `text` between two offsets. */
export function tokenize(text: string, from = 0, to = text.length): Token[] {
  const tokens: Token[] = [];
  forEachToken(text, from, to, (kind, start, end, gap) => {
    tokens.push({ kind, text: text.slice(start, end), start, end, spaced: gap !== 'none' });
  });
  return tokens;
}

/** Tokens as text, with one space where there is white space or a comment between two. */
export function joinedTokens(tokens: readonly Token[]): string {
  return tokens.map(({ text, spaced }, i) => (spaced && i > 0 ? ` ${text}` : text)).join('');
}

/**
 * Source text with comments left out and white space collapsed to one space, trimmed, in one line: literals that go on in the next
 * line are joined as a compiler joins them. Else as written.
 */
export function collapse(text: string, from = 0, to = text.length): string {
  let result = '';
  forEachToken(text, from, to, (kind, start, end, gap) => {
    const token = text.slice(start, end);
    result +=
      (gap !== 'none' && result !== '' ? ' ' : '') + (kind === 'string' || kind === 'char' ? joined(token) : token);
  });
  return result;
}

/** A literal without the line ends in it that a backslash hides. */
function joined(literal: string): string {
  return literal.includes('\n') ? literal.replace(/\\[^\S\n]*\n/g, '') : literal;
}

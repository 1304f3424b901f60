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

const NEWLINE = 10;
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
  if (text.charCodeAt(at) !== 47) return at;
  const next = text.charCodeAt(at + 1);
  if (next === 42) {
    const close = text.indexOf('*/', at + 2);
    return close < 0 || close + 2 > end ? end : close + 2;
  }
  if (next !== 47) return at;
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
  const before = text.charCodeAt(newline - 1);
  return before === BACKSLASH || (before === 13 && text.charCodeAt(newline - 2) === BACKSLASH);
}

/** The offset behind a string or character literal that starts at `at`. An open one ends with its line. */
export function skipLiteral(text: string, at: number, end: number): number {
  const quote = text.charCodeAt(at);
  for (let i = at + 1; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c === BACKSLASH) i += text.charCodeAt(i + 1) === 13 ? 2 : 1;
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
    if (classOf(c) !== 0 || c === 46) continue;
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

/** Receives each token in turn. `lineStart`: nothing but white space and comments stands before it on its line. */
type TokenVisitor = (kind: TokenKind, start: number, end: number, spaced: boolean, lineStart: boolean) => void;

/** Visits the tokens of `text` between two offsets, leaving out comments and line continuations. Never throws. */
export function forEachToken(text: string, from: number, to: number, visit: TokenVisitor): void {
  let spaced = true;
  let lineStart = true;
  for (let at = from; at < to;) {
    const c = text.charCodeAt(at);
    if (c === NEWLINE) {
      spaced = lineStart = true;
      at++;
      continue;
    }
    if (c <= 32 || (c === BACKSLASH && isLineEnd(text, at + 1))) {
      spaced = true;
      at += c === BACKSLASH ? (text.charCodeAt(at + 1) === 13 ? 3 : 2) : 1;
      continue;
    }
    const afterComment = c === 47 ? skipComment(text, at, to) : at;
    if (afterComment > at) {
      spaced = true;
      at = afterComment;
      continue;
    }
    const characterClass = classOf(c);
    let kind: TokenKind = 'punctuator';
    let end: number;
    if (characterClass === 1) {
      kind = 'word';
      end = skipWord(text, at, to);
    } else if (characterClass === 2 || (c === 46 && classOf(text.charCodeAt(at + 1)) === 2)) {
      kind = 'number';
      end = skipNumber(text, at, to);
    } else if (c === 34 || c === 39) {
      kind = c === 34 ? 'string' : 'char';
      end = skipLiteral(text, at, to);
    } else end = punctuatorEnd(text, at, to);
    visit(kind, at, end, spaced, lineStart);
    spaced = lineStart = false;
    at = end;
  }
}

function isLineEnd(text: string, at: number): boolean {
  const c = text.charCodeAt(at);
  return c === NEWLINE || (c === 13 && text.charCodeAt(at + 1) === NEWLINE);
}

/** The tokens of `text` between two offsets. */
export function tokenize(text: string, from = 0, to = text.length): Token[] {
  const tokens: Token[] = [];
  forEachToken(text, from, to, (kind, start, end, spaced) => {
    tokens.push({ kind, text: text.slice(start, end), start, end, spaced });
  });
  return tokens;
}

/** Source text with comments left out and white space collapsed to one space, trimmed. Else as written. */
export function collapse(text: string, from = 0, to = text.length): string {
  let result = '';
  forEachToken(text, from, to, (_kind, start, end, spaced) => {
    result += (spaced && result !== '' ? ' ' : '') + text.slice(start, end);
  });
  return result;
}

import type { Span } from '../text/sourceText.js';
import { behindParenthesis } from '../text/brackets.js';
import { textOf, type AsmToken } from './asmToken.js';

/** A sum: each symbol's factor, and a constant. */
export interface LinearForm {
  readonly symbols: ReadonlyMap<string, number>;
  readonly constant: number;
}

/** A name that an expression was written with, or that came up while it was expanded, and where in this file. */
interface NameUse extends Span {
  readonly name: string;
}

/** An expression in an operand. */
export interface AsmExpression extends Span {
  /** After macro expansion. */
  readonly text: string;
  /** Names of `#define`s, `.set` symbols and unknown symbols, in the order met. */
  readonly names: readonly NameUse[];
  /** Its value where it stands; null when it is no sum of symbols and constants. */
  readonly value: LinearForm | null;
}

/** A `.set` symbol's value, and the names it was written with. */
export interface SymbolValue {
  readonly value: LinearForm | null;
  readonly names: readonly string[];
}

/** What is known of a symbol; undefined for one that the file does not set. */
export type SymbolLookup = (name: string) => SymbolValue | undefined;

/** The sum that is a constant alone. */
export function constantForm(constant: number): LinearForm {
  return { symbols: new Map(), constant };
}

/** left + factor * right */
export function addForms(left: LinearForm, right: LinearForm, factor = 1): LinearForm {
  const symbols = new Map(left.symbols);
  for (const [name, count] of right.symbols) {
    const sum = (symbols.get(name) ?? 0) + factor * count;
    if (sum === 0) symbols.delete(name);
    else symbols.set(name, sum);
  }
  return { symbols, constant: left.constant + factor * right.constant };
}

/** Whether two forms are the same sum. */
export function sameForm(left: LinearForm | null, right: LinearForm | null): boolean {
  if (!left || !right) return left === right;
  const difference = addForms(left, right, -1);
  return difference.constant === 0 && difference.symbols.size === 0;
}

/** Reads glued tokens as an expression. `place` is where it stands when no token of it was written in this file. */
export function readExpression(tokens: readonly AsmToken[], lookup: SymbolLookup, place: Span): AsmExpression {
  const written = tokens.filter((token) => !token.isBorrowed);
  const placed = written.length > 0 ? written : tokens;
  return {
    text: textOf(tokens),
    names: namesIn(tokens, lookup),
    value: linearForm(tokens, lookup),
    start: placed.length > 0 ? Math.min(...placed.map((token) => token.start)) : place.start,
    end: placed.length > 0 ? Math.max(...placed.map((token) => token.end)) : place.end,
  };
}

function namesIn(tokens: readonly AsmToken[], lookup: SymbolLookup): NameUse[] {
  const names = new Map<string, NameUse>();
  for (const token of tokens) {
    const own = token.kind === 'word' ? [token.text, ...(lookup(token.text)?.names ?? [])] : [];
    for (const name of [...token.through, ...own]) {
      if (!names.has(name)) names.set(name, { name, start: token.start, end: token.end });
    }
  }
  return [...names.values()];
}

/** The value of glued tokens as a sum; null when it is none. */
export function linearForm(tokens: readonly AsmToken[], lookup: SymbolLookup): LinearForm | null {
  const reader: Reader = { tokens, at: 0, depth: 0, lookup };
  const value = binary(reader, 0);
  return reader.at === tokens.length ? value : null;
}

interface Reader {
  readonly tokens: readonly AsmToken[];
  at: number;
  depth: number;
  readonly lookup: SymbolLookup;
}

/** GNU as binds tighter to the right of this list (binutils' gas/expr.c, `op_rank`; as manual, "Infix Operators"): not as C does. */
const LEVELS = [
  ['||'],
  ['&&'],
  ['==', '!=', '<>', '<', '>', '<=', '>='],
  ['+', '-'],
  ['|', '&', '^'],
  ['*', '/', '%', '<<', '>>'],
];
const DEEPEST = 100;

function binary(reader: Reader, level: number): LinearForm | null {
  const operators = LEVELS[level];
  if (!operators) return unary(reader);
  let left = binary(reader, level + 1);
  for (;;) {
    const operator = operatorAt(reader);
    if (!operators.includes(operator)) return left;
    reader.at += operator === NOT_EQUAL ? 2 : 1;
    const right = binary(reader, level + 1);
    left = left && right && combined(operator, left, right);
  }
}

/** An operator of GNU as that C lacks, so that it is two tokens. */
const NOT_EQUAL = '<>';

/** The operator that comes next; '' at the end. */
function operatorAt({ tokens, at }: Reader): string {
  const [first, second] = [tokens[at], tokens[at + 1]];
  const isNotEqual = first?.text === '<' && second?.text === '>' && !second.spaced;
  return isNotEqual ? NOT_EQUAL : (first?.text ?? '');
}

function combined(operator: string, left: LinearForm, right: LinearForm): LinearForm | null {
  if (operator === '+') return addForms(left, right);
  if (operator === '-') return addForms(left, right, -1);
  if (operator === '*' && right.symbols.size === 0) return addForms(constantForm(0), left, right.constant);
  if (operator === '*' && left.symbols.size === 0) return addForms(constantForm(0), right, left.constant);
  if (left.symbols.size > 0 || right.symbols.size > 0) return null;
  if (!Number.isSafeInteger(left.constant) || !Number.isSafeInteger(right.constant)) return null;
  const value = arithmetic(operator, left.constant, right.constant);
  return Number.isSafeInteger(value) ? constantForm(value) : null;
}

function arithmetic(operator: string, left: number, right: number): number {
  switch (operator) {
    case '/':
      return Math.trunc(left / right);
    case '%':
      return left % right;
    case '<<':
      return left * 2 ** right;
    case '>>':
      return Math.floor(left / 2 ** right);
    case '&':
      return Number(BigInt.asIntN(64, BigInt(left) & BigInt(right)));
    case '|':
      return Number(BigInt.asIntN(64, BigInt(left) | BigInt(right)));
    case '^':
      return Number(BigInt.asIntN(64, BigInt(left) ^ BigInt(right)));
    case '&&':
      return Number(left !== 0 && right !== 0);
    case '||':
      return Number(left !== 0 || right !== 0);
    default:
      // A comparison that is true has all bits set (as manual, "Infix Operators").
      return compares(operator, left, right) ? -1 : 0;
  }
}

function compares(operator: string, left: number, right: number): boolean {
  switch (operator) {
    case '==':
      return left === right;
    case '<':
      return left < right;
    case '>':
      return left > right;
    case '<=':
      return left <= right;
    case '>=':
      return left >= right;
    default:
      return left !== right;
  }
}

function unary(reader: Reader): LinearForm | null {
  if (reader.depth++ > DEEPEST) return null;
  const token = reader.tokens[reader.at++];
  const value = token ? operand(reader, token) : null;
  reader.depth--;
  return value;
}

function operand(reader: Reader, token: AsmToken): LinearForm | null {
  if (token.text === '-' || token.text === '+' || token.text === '~' || token.text === '!') {
    const value = unary(reader);
    if (!value || token.text === '+') return value;
    if (token.text === '-') return addForms(constantForm(0), value, -1);
    if (value.symbols.size > 0) return null;
    return constantForm(token.text === '!' ? Number(value.constant === 0) : -value.constant - 1);
  }
  if (token.text === '(') {
    const value = binary(reader, 0);
    return reader.tokens[reader.at++]?.text === ')' ? value : null;
  }
  if (token.kind === 'number') return numberForm(token.text);
  return isSymbol(token) ? symbolForm(reader, token) : null;
}

/** `.` is the address where it stands. */
function isSymbol({ kind, text }: AsmToken): boolean {
  return kind === 'word' || text === '.';
}

function numberForm(text: string): LinearForm {
  const digits = /^(0[xX][\da-fA-F]+|\d+)[uUlL]+$/.exec(text)?.[1] ?? text;
  const octal = /^0\d+$/.test(digits) ? parseInt(digits, 8) : Number(digits);
  // `1b`, `2f`: a local label.
  return Number.isSafeInteger(octal) ? constantForm(octal) : { symbols: new Map([[text, 1]]), constant: 0 };
}

function symbolForm(reader: Reader, token: AsmToken): LinearForm | null {
  const known = reader.lookup(token.text);
  if (known) return known.value;
  const open = reader.at;
  const bracket = reader.tokens[open];
  // `PER_CPU_VAR(x)` that nobody defines: one opaque symbol.
  if (bracket?.text === '(' && !bracket.spaced) reader.at = behindParenthesis(reader.tokens, open);
  return { symbols: new Map([[token.text + textOf(reader.tokens.slice(open, reader.at)), 1]]), constant: 0 };
}

import { expand, type MacroLookup } from './macroExpansion.js';
import { tokenize, type Token } from '../text/tokens.js';

/** Binary operators by how tightly they bind (C11 6.5), with what they compute. */
const OPERATORS: ReadonlyMap<
  string,
  { readonly level: number; readonly compute: (a: bigint, b: bigint) => bigint | null }
> = new Map([
  ['|', { level: 1, compute: (a, b) => a | b }],
  ['^', { level: 2, compute: (a, b) => a ^ b }],
  ['&', { level: 3, compute: (a, b) => a & b }],
  ['<<', { level: 4, compute: (a, b) => (b >= 0n && b < 64n ? a << b : null) }],
  ['>>', { level: 4, compute: (a, b) => (b >= 0n && b < 64n ? a >> b : null) }],
  ['+', { level: 5, compute: (a, b) => a + b }],
  ['-', { level: 5, compute: (a, b) => a - b }],
  ['*', { level: 6, compute: (a, b) => a * b }],
  ['/', { level: 6, compute: (a, b) => (b === 0n ? null : a / b) }],
]);

/** Values of names that are no macros, such as enumerators. */
type NameValue = (name: string) => bigint | null;

/** The value of a constant expression after macro expansion, or null where it has none that can be known. */
export function integerValue(tokens: readonly Token[], macros: MacroLookup, names: NameValue): bigint | null {
  if (tokens.length > MOST_TOKENS) return null;
  const reader = { tokens: expand(tokens, macros), at: 0, depth: 0 };
  const value = binary(reader, names, 0);
  return reader.at === reader.tokens.length ? value : null;
}

/** As `integerValue`, from text. */
export function integerOf(text: string, macros: MacroLookup, names: NameValue): bigint | null {
  return integerValue(tokenize(text), macros, names);
}

interface Reader {
  readonly tokens: readonly Token[];
  at: number;
  /** How many operators and brackets are open. */
  depth: number;
}

/** No constant of the kernel is nested deeper or longer. */
const DEEPEST = 200;
const MOST_TOKENS = 20_000;

function binary(reader: Reader, names: NameValue, level: number): bigint | null {
  let left = unary(reader, names);
  for (;;) {
    const operator = OPERATORS.get(reader.tokens[reader.at]?.text ?? '');
    if (!operator || operator.level < level) return left;
    reader.at++;
    const right = binary(reader, names, operator.level + 1);
    left = left === null || right === null ? null : operator.compute(left, right);
  }
}

function unary(reader: Reader, names: NameValue): bigint | null {
  if (reader.depth >= DEEPEST) return null;
  reader.depth++;
  const value = operand(reader, names);
  reader.depth--;
  return value;
}

function operand(reader: Reader, names: NameValue): bigint | null {
  const token = reader.tokens[reader.at++];
  if (!token) return null;
  if (token.text === '-' || token.text === '~' || token.text === '+') {
    const value = unary(reader, names);
    if (value === null) return null;
    return token.text === '-' ? -value : token.text === '~' ? ~value : value;
  }
  if (token.text === '(') {
    const value = binary(reader, names, 0);
    return reader.tokens[reader.at++]?.text === ')' ? value : null;
  }
  if (token.kind === 'number') return numberValue(token.text);
  return token.kind === 'word' ? names(token.text) : null;
}

/** The value of an integer constant with any suffix (`0x10UL`), or null. */
export function numberValue(text: string): bigint | null {
  const digits = /^(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)[uUlL]*$/.exec(text)?.[1];
  if (digits === undefined) return null;
  return /^0[0-7]+$/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits);
}

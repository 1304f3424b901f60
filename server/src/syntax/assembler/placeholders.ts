import type { Token } from '../text/tokens.js';

/** `%%` is `%`; `%c[rax]`, `%[rax]` and `%0` become one word each. */
export function withPlaceholders<T extends Token>(tokens: readonly T[]): T[] {
  const result: T[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const [token, next] = [tokens[i], tokens[i + 1]];
    if (!token) break;
    if (token.text !== '%' || !next || next.spaced) {
      result.push(token);
    } else if (next.text === '%') {
      result.push(token);
      i++;
    } else {
      const placeholder = placeholderAt(tokens, i + 1);
      result.push(placeholder ? { ...token, kind: 'word', text: placeholder.word, end: placeholder.end } : token);
      i += placeholder?.length ?? 0;
    }
  }
  return result;
}

interface Placeholder {
  readonly word: string;
  /** How many tokens it takes behind `%`. */
  readonly length: number;
  readonly end: number;
}

/** The placeholder behind `%`; null for a register. */
function placeholderAt(tokens: readonly Token[], at: number): Placeholder | null {
  const token = tokens[at];
  if (!token) return null;
  const number = token.kind === 'number' ? token.text : modifiedNumber(token.text);
  if (number !== null) return { word: `%${number}`, length: 1, end: token.end };
  const open = /^[a-zA-Z]$/.test(token.text) ? at + 1 : at;
  const [bracket, name, close] = tokens.slice(open, open + 3);
  if (bracket?.text !== '[' || !name || close?.text !== ']') return null;
  return { word: `%[${name.text}]`, length: open + 3 - at, end: close.end };
}

/** The number in `c1`, an operand with a modifier. `r8` is a register, of a template without operands. */
function modifiedNumber(word: string): string | null {
  const [, modifier, number] = /^([a-zA-Z])(\d+)$/.exec(word) ?? [];
  return number === undefined || modifier === 'r' ? null : number;
}

import type { AsmToken } from './asmToken.js';

/** What may stand before the `%` of a register, behind the mnemonic. */
const BEFORE: ReadonlySet<string> = new Set([',', '(', '*', ':']);
/** What may stand behind its name. */
const BEHIND: ReadonlySet<string> = new Set([',', ')', '(', ':']);

/** What no instruction begins with, in no dialect. */
const NO_BEGINNING: ReadonlySet<string> = new Set('( ) [ ] , . : -> - + * = == & | ~ ! $ < >'.split(' '));

/**
 * Whether an instruction is none that any assembler takes: it has a `%` without a register's name, or with more than that, or one,
 * or a number, where the mnemonic should be, or a macro's parameter that there is not. One that has none of these may be wrong all the same.
 */
export function isMalformed(tokens: readonly AsmToken[]): boolean {
  const [first] = tokens;
  if (first?.kind === 'number' || NO_BEGINNING.has(first?.text ?? '')) return true;
  return tokens.some((token, i) => {
    // A parameter that there is not.
    if (token.text === '\\') return true;
    if (token.text === '$') return tokens[i - 1]?.text === '(';
    if (token.text !== '%') return false;
    const [before, name, behind] = [tokens[i - 1], tokens[i + 1], tokens[i + 2]];
    if (!before) return true;
    // The remainder of a division.
    if (before.kind === 'number' || before.text === ')') return false;
    const isBegun = before.kind === 'word' || BEFORE.has(before.text);
    const isEnded = !behind || BEHIND.has(behind.text);
    return !isBegun || name?.kind !== 'word' || !isEnded;
  });
}

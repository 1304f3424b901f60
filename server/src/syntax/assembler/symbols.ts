import type { WordSize } from '../preprocessor/conditionTruth.js';
import { splitAt } from '../text/brackets.js';
import { tokenize, type Token } from '../text/tokens.js';
import type { AsmToken } from './asmToken.js';
import { constantForm, linearForm, type SymbolLookup, type SymbolValue } from './expression.js';
import type { InlineOperand } from './operand.js';
import { directiveArguments, directiveName } from './statements.js';

/** `.set NAME, value`, `.equ NAME, value` or `NAME = value`. Works on tokens that are not glued yet. */
export function isSymbolAssignment(tokens: readonly Token[]): boolean {
  return /^\.(?:set|equ|equiv)$/.test(directiveName(tokens) ?? '') || hasEqualsSign(tokens);
}

function hasEqualsSign([name, equals]: readonly Token[]): boolean {
  return name?.kind === 'word' && (equals?.text === '=' || equals?.text === '==');
}

/** The name and the value's tokens of an assignment of glued tokens; null for any other statement. */
function readAssignment(tokens: readonly AsmToken[]): { name: string; value: readonly AsmToken[] } | null {
  if (hasEqualsSign(tokens))
    return { name: tokens[0]?.text ?? '', value: tokens.slice(tokens[2]?.text === '=' ? 3 : 2) };
  if (!isSymbolAssignment(tokens)) return null;
  const [name, ...value] = splitAt(directiveArguments(tokens), ',');
  return name?.[0] ? { name: name[0].text, value: value.flat() } : null;
}

/** The symbols that `.set` and the like give a value, as they are at one place of the text. */
export interface SymbolTable {
  readonly lookup: SymbolLookup;
  readonly isSet: (name: string) => boolean;
  /** Performs an assignment of glued tokens; false for any other statement. */
  readonly assign: (tokens: readonly AsmToken[]) => boolean;
  /** The value of glued tokens when it is a number; null otherwise. */
  readonly valueOf: (tokens: readonly AsmToken[]) => number | null;
}

/** As many names as a displacement can be shown with. */
const MOST_NAMES = 32;

/** A table without symbols. `inlineOperand` gives the operand of the `asm()` statement that a placeholder means. */
export function symbolTable(
  wordSize: WordSize,
  inlineOperand: (placeholder: string) => InlineOperand | null,
): SymbolTable {
  const symbols = new Map<string, SymbolValue>();
  const lookup: SymbolLookup = (name) => {
    const set = symbols.get(name);
    if (set) return set;
    // asm/bitsperlong.h lies outside of arch/x86, so a tree may lack it.
    if (name === 'BITS_PER_LONG' || name === '__BITS_PER_LONG') return { value: constantForm(wordSize * 8), names: [] };
    const inline = inlineOperand(name);
    return inline ? inlineValue(inline, wordSize) : undefined;
  };
  return {
    lookup,
    isSet: (name) => symbols.has(name),
    assign(tokens) {
      const assignment = readAssignment(tokens);
      if (!assignment) return false;
      const { name, value } = assignment;
      symbols.set(name, { value: linearForm(value, lookup), names: namesOf(value, lookup) });
      return true;
    },
    valueOf(tokens) {
      const form = linearForm(tokens, lookup);
      return form?.symbols.size === 0 ? form.constant : null;
    },
  };
}

function namesOf(tokens: readonly AsmToken[], lookup: SymbolLookup): string[] {
  const names = tokens.flatMap((token) => {
    const own = token.kind === 'word' ? [token.text, ...(lookup(token.text)?.names ?? [])] : [];
    return [...token.through, ...own];
  });
  return [...new Set(names)].slice(0, MOST_NAMES);
}

function inlineValue(inline: InlineOperand, wordSize: WordSize): SymbolValue {
  const isWord = /^sizeof ?\( ?(?:unsigned long|ulong|long|void ?\*) ?\)$/.test(inline.expression);
  const number = /^\d+$/.test(inline.expression) ? Number(inline.expression) : null;
  const value = isWord ? constantForm(wordSize) : number !== null ? constantForm(number) : null;
  const names = tokenize(inline.expression).flatMap((token) => (token.kind === 'word' ? [token.text] : []));
  return { value: value ?? { symbols: new Map([[inline.expression, 1]]), constant: 0 }, names };
}

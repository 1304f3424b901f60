import { glued, splitAt, type AsmToken, type Statement } from './asmToken.js';
import { directiveArguments, directiveName } from './blocks.js';
import type { SymbolTable } from './symbolTable.js';

/** Whether the `.if` that a branch begins with holds; null when that isn't known. */
export function branchHolds(header: Statement, symbols: SymbolTable): boolean | null {
  const directive = directiveName(header.tokens) ?? '';
  const rest = glued(directiveArguments(header.tokens));
  const text = (tokens: readonly AsmToken[] | undefined) => (tokens ?? []).map((token) => token.text).join('');
  const [left, right] = splitAt(rest, ',');
  switch (directive) {
    case '.ifc':
    case '.ifeqs':
      return text(left) === text(right);
    case '.ifnc':
    case '.ifnes':
      return text(left) !== text(right);
    case '.ifb':
      return rest.length === 0;
    case '.ifnb':
      return rest.length > 0;
    case '.ifdef':
      return symbols.isSet(text(rest)) || null;
    case '.ifndef':
    case '.ifnotdef':
      return symbols.isSet(text(rest)) ? false : null;
    default:
      return comparison(directive, symbols.valueOf(rest));
  }
}

function comparison(directive: string, value: number | null): boolean | null {
  if (value === null) return null;
  switch (directive) {
    case '.ifeq':
      return value === 0;
    case '.ifge':
      return value >= 0;
    case '.ifgt':
      return value > 0;
    case '.ifle':
      return value <= 0;
    case '.iflt':
      return value < 0;
    default:
      return value !== 0;
  }
}

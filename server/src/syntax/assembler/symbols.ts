import type { Token } from '../text/tokens.js';
import { splitAt, type AsmToken } from './asmToken.js';
import { directiveArguments, directiveName } from './blocks.js';

/** `.set NAME, value`, `.equ NAME, value` or `NAME = value`. Works on tokens that are not glued yet. */
export function isSymbolAssignment(tokens: readonly Token[]): boolean {
  return /^\.(?:set|equ|equiv)$/.test(directiveName(tokens) ?? '') || assignmentAt(tokens) > 0;
}

/** The name and the value's tokens of an assignment of glued tokens; null for any other statement. */
export function readAssignment(tokens: readonly AsmToken[]): { name: string; value: readonly AsmToken[] } | null {
  const equals = assignmentAt(tokens);
  if (equals > 0) {
    const value = tokens.slice(tokens[equals + 1]?.text === '=' ? equals + 2 : equals + 1);
    return { name: tokens[0]?.text ?? '', value };
  }
  if (!isSymbolAssignment(tokens)) return null;
  const [name, ...value] = splitAt(directiveArguments(tokens), ',');
  return name?.[0] ? { name: name[0].text, value: value.flat() } : null;
}

function assignmentAt(tokens: readonly Token[]): number {
  return tokens[0]?.kind === 'word' && (tokens[1]?.text === '=' || tokens[1]?.text === '==') ? 1 : -1;
}

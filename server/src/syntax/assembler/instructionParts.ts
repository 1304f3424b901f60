import { isPrefix } from '../x86/mnemonics.js';
import type { AsmToken } from './asmToken.js';

/** A statement's words before its operands. */
interface InstructionParts {
  readonly prefixes: readonly AsmToken[];
  readonly mnemonic: AsmToken;
  readonly operands: readonly AsmToken[];
}

/** Takes a statement of glued tokens apart; null where no word is left behind prefixes. */
export function instructionParts(tokens: readonly AsmToken[]): InstructionParts | null {
  let at = 0;
  for (let length = prefixLength(tokens, at); length > 0; length = prefixLength(tokens, at)) at += length;
  const mnemonic = tokens[at];
  if (mnemonic?.kind !== 'word') return null;
  const prefixes = tokens.slice(0, at).filter(({ kind }) => kind === 'word');
  return { prefixes, mnemonic, operands: tokens.slice(at + 1) };
}

/** How many tokens a prefix has that begins at a place with more behind it: `lock`, or `{rex2}`, which asks for an encoding; 0 without one. */
function prefixLength(tokens: readonly AsmToken[], at: number): number {
  const [first, word, end] = tokens.slice(at, at + 3);
  const length =
    first?.text === '{' && word?.kind === 'word' && end?.text === '}' ? 3 : isPrefix(first?.text ?? '') ? 1 : 0;
  return at + length < tokens.length ? length : 0;
}

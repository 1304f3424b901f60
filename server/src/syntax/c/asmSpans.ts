import { closingIndexes } from '../text/brackets.js';
import type { Span } from '../text/sourceText.js';
import { tokenize, type Token } from '../text/tokens.js';
import { isKeyword } from './reservedWords.js';

const ASM_WORD = /^(?:__)?asm(?:__)?$/;
const ASM_QUALIFIER = /^(?:__)?(?:volatile|inline|goto)(?:__)?$/;

/** The inline assembly of a C text: `asm(...)` statements and macros around them. The assembler's reader reads those. */
export function asmSpans(text: string): Span[] {
  const tokens = tokenize(text);
  const closings = closingIndexes(tokens);
  return tokens.flatMap((token, i) => (token.kind === 'word' ? (asmSpanAt(tokens, closings, i) ?? []) : []));
}

/** The span of the inline assembly that begins at the word with this index, or null. `closings`: where each bracket closes. */
export function asmSpanAt(tokens: readonly Token[], closings: Int32Array, at: number): Span | null {
  const word = tokens[at];
  if (!word) return null;
  const isAsm = ASM_WORD.test(word.text);
  let open = at + 1;
  while (isAsm && ASM_QUALIFIER.test(tokens[open]?.text ?? '')) open++;
  if (tokens[open]?.text !== '(') return null;
  const closing = tokens[closings[open] ?? -1];
  return closing && (isAsm || isAsmMacro(tokens, closings, at)) ? { start: word.start, end: closing.end } : null;
}

/** Whether a macro stands around inline assembly: `asm_goto_output("..." : outputs : inputs)`. */
function isAsmMacro(tokens: readonly Token[], closings: Int32Array, at: number): boolean {
  const name = tokens[at]?.text ?? '';
  if (name.length < 3 || isKeyword(name) || tokens[at + 2]?.kind !== 'string') return false;
  const close = closings[at + 1] ?? -1;
  for (let i = at + 2; i < close; i++) {
    const text = tokens[i]?.text;
    if (text === '?') return false;
    if (text === ':') return true;
    if (text === '(' || text === '[') i = Math.max(i, closings[i] ?? -1);
  }
  return false;
}

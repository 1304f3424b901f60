import { asmSpans } from '../../syntax/c/asmSpans.js';
import { closingIndex } from '../../syntax/text/brackets.js';
import { expand, type MacroLookup } from '../../syntax/preprocessor/macroExpansion.js';
import type { CallSite } from '../../syntax/c/outline.js';
import { tokenize, type Token } from '../../syntax/text/tokens.js';
import type { FunctionSource } from '../source/functionSource.js';

/** An instruction that moves XSAVE state between the registers and memory. */
interface StateInstruction {
  readonly offset: number;
  readonly direction: 'save' | 'restore';
}

/**
 * Mnemonics (SDM vol. 1, 13.5-13.12; FXSAVE: 10.5) and operand sizes, before an operand: a member of that name is none, in the text of a
 * condition that WARN_ON() makes a string of. FSAVE is left out: a CPU that runs KVM has FXSAVE.
 */
const MNEMONIC = /(?<![\w.>!-])(?:(xsave(?:opt|c|s)?|fxsave)|(xrstors?|fxrstor))(?:64|q|l)?\s+[%(\d[]/;

/**
 * The same as bytes, for assemblers that lack them: 0F AE /4 XSAVE, /5 XRSTOR, /6 XSAVEOPT; 0F C7 /4 XSAVEC, /5 XSAVES,
 * /3 XRSTORS. The register field is in bits 5:3 of the third byte (SDM vol. 2, 2.1.5).
 */
const BYTES = /0x0f\s*,\s*0x(ae|c7)\s*,\s*0x([0-9a-f]{2})/;

/** What is executed in assembly text, or null where it is no XSAVE instruction. */
export function instructionDirection(assembly: string): StateInstruction['direction'] | null {
  const named = MNEMONIC.exec(assembly);
  if (named) return named[1] === undefined ? 'restore' : 'save';
  const bytes = BYTES.exec(assembly);
  if (!bytes?.[2]) return null;
  const field = (parseInt(bytes[2], 16) >> 3) & 7;
  if (field === 4 || (bytes[1] === 'ae' ? field === 6 : field === 5)) return 'save';
  return field === (bytes[1] === 'ae' ? 5 : 3) ? 'restore' : null;
}

/** The instructions in a function: its own `asm`, and that of macros that it uses. */
export function stateInstructions(
  fn: FunctionSource,
  macros: MacroLookup,
  asmMacros: ReadonlySet<string>,
): StateInstruction[] {
  const found: StateInstruction[] = [];
  const add = (offset: number, assembly: string) => {
    const direction = instructionDirection(assembly);
    if (direction) found.push({ offset, direction });
  };
  for (const call of fn.calls) {
    if (call.offset < fn.bodyStart || !asmMacros.has(call.name)) continue;
    add(call.offset, assemblyOf(expand(useTokens(fn, call), macros)));
  }
  for (const span of asmSpans(fn.code)) {
    add(span.start, assemblyOf(expand(tokenize(fn.code, span.start, span.end), macros)));
  }
  return found;
}

/** A macro's use with its arguments. */
function useTokens({ code }: FunctionSource, { offset }: CallSite): Token[] {
  const tokens = tokenize(code, offset, Math.min(code.length, offset + LONGEST_USE));
  const close = closingIndex(tokens, 1);
  return close < 0 ? [] : tokens.slice(0, close + 1);
}

/** Characters of a macro's use with its arguments. */
const LONGEST_USE = 2000;

/** The text of string literals, with white space for the escapes that stand for it. */
function assemblyOf(tokens: readonly Token[]): string {
  return tokens
    .filter((token) => token.kind === 'string')
    .map((token) => token.text.slice(1, -1).replace(/\\[nt]/g, '\n'))
    .join('');
}

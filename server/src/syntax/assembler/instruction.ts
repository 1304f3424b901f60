import type { Span } from '../text/sourceText.js';
import type { AsmOperand } from './operand.js';

/** A use of a macro. */
export interface MacroUse extends Span {
  readonly name: string;
}

/** An instruction of an assembly text. All offsets are 0-based UTF-16 code units into this file's text. */
export interface AsmInstruction extends Span {
  /** As written; for a known instruction in `.byte`s its name; `.byte` for any other. */
  readonly mnemonic: string;
  /** `lock`, `rep` and the like. */
  readonly prefixes: readonly string[];
  readonly operands: readonly AsmOperand[];
  /** What a `.byte` gives; null for a value that isn't known. Empty for other instructions. */
  readonly bytes: readonly (number | null)[];
  /** Macro uses that it comes out of, outermost first; each with the place of the outermost use. */
  readonly expansion: readonly MacroUse[];
  /** The function that it is in, or null. */
  readonly function: string | null;
  /** `#if` conditions over it, outermost first, then `.if` conditions that aren't known. */
  readonly conditions: readonly string[];
  /** Labels right before it. */
  readonly labels: readonly string[];
  /** It is patched in or out at boot: an argument of ALTERNATIVE. */
  readonly isAlternative: boolean;
  /** The CPU feature that an alternative is there for, `!(X86_FEATURE_APX)` for what is there without it; null for others. */
  readonly feature: string | null;
  /** The item of the innermost `.irp` that it is repeated for, where that is written in this file. */
  readonly item: Span | null;
  /** The section that it is put into; null for the one that the file begins with. */
  readonly section: string | null;
}

/** A function of an assembly text: from its beginning macro or label to its end. */
export interface AsmFunction extends Span {
  readonly name: string;
  readonly nameStart: number;
  readonly conditions: readonly string[];
}

/** Instructions that kernels write as bytes (Intel SDM volume 3C chapter 31 and volume 2D; AMD APM volume 3). */
const ENCODED: ReadonlyMap<string, string> = new Map([
  ['0f 01 c1', 'vmcall'],
  ['0f 01 c2', 'vmlaunch'],
  ['0f 01 c3', 'vmresume'],
  ['0f 01 c4', 'vmxoff'],
  ['0f 01 d8', 'vmrun'],
  ['0f 01 d9', 'vmmcall'],
  ['0f 01 da', 'vmload'],
  ['0f 01 db', 'vmsave'],
  ['0f 01 dc', 'stgi'],
  ['0f 01 dd', 'clgi'],
  ['66 0f 01 cc', 'tdcall'],
  ['66 0f 01 cf', 'seamcall'],
]);

/** The mnemonic of an instruction that is given as bytes, or `.byte`. */
export function encodedMnemonic(bytes: readonly (number | null)[]): string {
  return ENCODED.get(bytes.map((byte) => byte?.toString(16).padStart(2, '0') ?? '??').join(' ')) ?? '.byte';
}

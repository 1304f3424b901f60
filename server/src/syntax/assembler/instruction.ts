import type { ConditionGuard } from '../conditions/guard.js';
import type { Span } from '../text/sourceText.js';
import type { AsmExpression } from './expression.js';
import type { AsmOperand } from './operand.js';

/** A use of a macro. */
export interface MacroUse extends Span {
  readonly name: string;
}

/** Where a piece of code stands. All offsets are 0-based UTF-16 code units into this file's text. */
interface CodePlace extends Span {
  /** Macro uses that it comes out of, outermost first; each with the place of the outermost use. */
  readonly expansion: readonly MacroUse[];
  /** The function that it is in, or null. */
  readonly function: string | null;
  /** `#if` conditions over it, outermost first, then `.if` conditions that aren't known. */
  readonly conditions: readonly ConditionGuard[];
  /** Labels right before it. */
  readonly labels: readonly string[];
  /** It is patched in or out at boot: an argument of ALTERNATIVE. */
  readonly isAlternative: boolean;
  /** The CPU feature that an alternative is there for, or that it is there without; null for others. */
  readonly feature: ConditionGuard | null;
  /** The item of the innermost `.irp` that it is repeated for, where that is written in this file. */
  readonly item: Span | null;
  /** The section that it is put into; null for the one that the file begins with. */
  readonly section: string | null;
}

/** An instruction of an assembly text, or the use of a macro that is not known. */
export interface AsmInstruction extends CodePlace {
  /** As written; for a known instruction in `.byte`s its name; `.byte` for any other. */
  readonly mnemonic: string;
  /** `lock`, `rep` and the like. */
  readonly prefixes: readonly string[];
  readonly operands: readonly AsmOperand[];
  /** What a `.byte` gives; null for a value that isn't known. Empty for other instructions. */
  readonly bytes: readonly (number | null)[];
}

/** Data in the code, which may stand for instructions. */
export interface AsmData extends CodePlace {
  readonly values: readonly DataValue[];
}

/** A value of a data directive, and the bytes that it takes. */
export interface DataValue {
  readonly expression: AsmExpression;
  readonly size: 1 | 4;
}

/** A function of an assembly text: from its beginning macro or label to its end. */
export interface AsmFunction extends Span {
  readonly name: string;
  readonly nameStart: number;
  readonly conditions: readonly ConditionGuard[];
}

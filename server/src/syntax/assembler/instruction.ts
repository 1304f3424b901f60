import type { ConditionGuard } from '../conditions/guard.js';
import type { Span } from '../text/sourceText.js';
import type { AsmExpression } from './expression.js';
import type { AsmOperand } from './operand.js';

/** A use of a macro. */
export interface MacroUse extends Span {
  readonly name: string;
}

/** Where a piece of code stands. All offsets are 0-based UTF-16 code units into this file's text. */
export interface CodePlace extends Span {
  /** Macro uses that it comes out of, outermost first; each with the place of the outermost use. */
  readonly expansion: readonly MacroUse[];
  /** The function that it is in, or null. */
  readonly function: string | null;
  /** `#if` conditions over it, outermost first, then `.if` conditions that aren't known. */
  readonly conditions: readonly ConditionGuard[];
  /** Labels right before it. */
  readonly labels: readonly string[];
  /** The argument of ALTERNATIVE that it is in: patched in or out at boot; null for all other code. */
  readonly alternative: AlternativeBranch | null;
  /** The item of the innermost `.irp` that it is repeated for, where that is written in this file. */
  readonly item: Span | null;
  /** The section that it is put into; null for the one that the file begins with. */
  readonly section: string | null;
  /** Its place among the code, data and alternatives of its text, by which `1b` and `2f` count. */
  readonly position: number;
  /** Its file, in a program of several; left out where it is the only one. */
  readonly file?: string;
}

/** An argument of ALTERNATIVE that has instructions. */
export interface AlternativeBranch {
  /** The position of the ALTERNATIVE. */
  readonly use: number;
  /** Its number among the arguments that are instructions, from 0: what is there before anything is patched. */
  readonly branch: number;
  /** The CPU feature that it is there for, or that it is there without; null where that is not one feature. */
  readonly feature: ConditionGuard | null;
}

/** A use of ALTERNATIVE: the code of one of its arguments runs, with what is behind it. */
export interface AsmAlternative extends CodePlace {
  /** How many of its arguments are instructions. */
  readonly branches: number;
}

/** The directive behind which operands are written as in Intel's manual (GNU as manual, "i386-Variations"). */
export const INTEL_SYNTAX = '.intel_syntax';

/** What keeps an instruction from being read, by what it is called, and where that is. */
export interface UnreadPlace extends Span {
  readonly name: string;
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
  /** The directive behind which the syntax is not read (`.intel_syntax`), or what no instruction is written as: its operands are not all known. */
  readonly unread: UnreadPlace | null;
}

/** Data: in code it may stand for instructions, elsewhere it may be a table of addresses. */
export interface AsmData extends CodePlace {
  readonly values: readonly DataValue[];
}

/** What was assembled, each in the order of the text. */
export interface AsmCode {
  readonly instructions: readonly AsmInstruction[];
  readonly alternatives: readonly AsmAlternative[];
  /** All data, also what instructions were decoded from. */
  readonly data: readonly AsmData[];
}

/** A value of a data directive, and the bytes that it takes. */
export interface DataValue {
  readonly expression: AsmExpression;
  readonly size: 1 | 2 | 4 | 8;
}

/** A function of an assembly text: from its beginning macro or label to its end. */
export interface AsmFunction extends Span {
  readonly name: string;
  readonly nameStart: number;
  readonly conditions: readonly ConditionGuard[];
  /** As of its code. */
  readonly file?: string;
}

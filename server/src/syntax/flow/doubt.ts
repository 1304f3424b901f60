import type { AsmInstruction } from '../assembler/instruction.js';
import type { Span } from '../text/sourceText.js';

/**
 * Something in assembly that the analysis does not understand. `instruction`: an operation that is not known; `jump`: where
 * control goes on; `stack`: how deep the stack is; `memory`: which word is accessed; `values`: what a register holds of too
 * many possibilities; `compiler`: what the C compiler does between or in `asm()` statements; `callee`: what code does that is
 * called or jumped to, and is not read; `argument`: what C code does with a guest's value that it may be given; `operand`: what C
 * code has or does with a value that it gives or gets as an operand of an `asm()` statement; `width`: a part of a register is
 * moved, and not the rest.
 */
export interface Doubt extends Span {
  readonly kind:
    'instruction' | 'jump' | 'stack' | 'memory' | 'values' | 'compiler' | 'callee' | 'argument' | 'operand' | 'width';
  /** The macro, mnemonic or label that it is about, as the assembler sees it. */
  readonly name: string;
  /** Its file, where the code is of several. */
  readonly file?: string | undefined;
}

/** The doubt about an instruction. */
export function doubtAt(kind: Doubt['kind'], { mnemonic, start, end, file }: AsmInstruction): Doubt {
  return { kind, name: mnemonic, start, end, file };
}

/** A text that is the same for doubts of the same kind at the same place. */
export function doubtKey({ kind, name, start, end, file = '' }: Doubt): string {
  return `${kind} ${name} ${String(start)} ${String(end)} ${file}`;
}

/** Where something happens: the number of the node in the control-flow graph, and the doubt that its instruction would be. */
export interface Site {
  readonly node: number;
  readonly doubt: Doubt;
}

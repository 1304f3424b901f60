import type { Gpr } from './registers.js';

/** Constraint letters that ask for one register (GCC manual, "Constraints for Particular Machines", x86 family). */
const LETTERS: ReadonlyMap<string, Gpr> = new Map([
  ['a', 'RAX'],
  ['b', 'RBX'],
  ['c', 'RCX'],
  ['d', 'RDX'],
  ['S', 'RSI'],
  ['D', 'RDI'],
]);

/** The GPR that a constraint of an `asm()` operand asks for: RCX for `"c"`, RAX for `"=a"`; null where it leaves a choice. */
export function constraintRegister(constraint: string): Gpr | null {
  return LETTERS.get(constraint.replace(/^[=+&%]+/, '')) ?? null;
}

/** Whether an operand of a constraint is written, `"=a"` or `"+a"`. */
export function isOutputConstraint(constraint: string): boolean {
  return /^[=+]/.test(constraint);
}

/** Whether a constraint makes the operand a word of memory; `"i"` does not. */
export function allowsMemory(constraint: string): boolean {
  return /[moVg]/.test(constraint);
}

/** Whether a constraint lets the operand be a register; `"i"` and `"m"` do not. A digit is another operand's constraint. */
export function allowsRegister(constraint: string): boolean {
  return /[abcdSDrqQRl0-9]/.test(constraint);
}

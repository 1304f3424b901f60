import type { Span } from '../text/sourceText.js';
import type { Token } from '../text/tokens.js';
import { allowsRegister, isOutputConstraint } from '../x86/constraints.js';
import { plainToken } from './asmToken.js';
import type { InlineOperand } from './operand.js';
import type { Statement } from './statements.js';

/*
 * What the compiler does for the operands of an asm() statement that are in registers (GCC manual, "Extended Asm"): inputs are loaded
 * before the first instruction, outputs are stored behind the last one.
 */

/** The loads of inputs that are elements of arrays, `"b"(regs[3])`. Of a pointer or an array it counts what it is, not where it is from. */
export function operandLoads(operands: readonly InlineOperand[]): Statement[] {
  return operands.flatMap((operand, i) =>
    isInput(operand) && isInRegister(operand) && operand.expression.endsWith(']')
      ? [move(operand, wordPlaceholder(i), registerPlaceholder(operand, i))]
      : [],
  );
}

/** The stores of outputs. */
export function operandStores(operands: readonly InlineOperand[]): Statement[] {
  return operands.flatMap((operand, i) =>
    isOutputConstraint(operand.constraint) && isInRegister(operand)
      ? [move(operand, `%${String(i)}`, wordPlaceholder(i))]
      : [],
  );
}

/** The words of memory that operands are copied from and to, by the placeholders that stand for them here. */
export function operandWords(operands: readonly InlineOperand[]): (readonly [string, InlineOperand])[] {
  return operands.map((operand, i) => [wordPlaceholder(i), { ...operand, constraint: 'm', gpr: null }]);
}

/** Operands with the register of the output that a constraint names in place of letters: `"0"(x)`, `"[out]"(x)`. */
export function withMatchedRegisters(operands: readonly InlineOperand[]): InlineOperand[] {
  return operands.map((operand) => {
    const matched = matchedPlaceholder(operand);
    const output = operands.find(({ name }, i) => matched === `%${String(i)}` || matched === `%[${name ?? ''}]`);
    return output ? { ...operand, gpr: output.gpr } : operand;
  });
}

/** A template cannot name it. */
function wordPlaceholder(number: number): string {
  return `%[&${String(number)}]`;
}

function registerPlaceholder(operand: InlineOperand, number: number): string {
  return matchedPlaceholder(operand) ?? `%${String(number)}`;
}

function matchedPlaceholder({ constraint }: InlineOperand): string | null {
  return /^(?:\d+|\[\w+\])$/.test(constraint) ? `%${constraint}` : null;
}

function isInput({ constraint }: InlineOperand): boolean {
  return !constraint.startsWith('=');
}

function isInRegister(operand: InlineOperand): boolean {
  return matchedPlaceholder(operand) !== null || allowsRegister(operand.constraint);
}

function move({ start, end }: Span, from: string, to: string): Statement {
  const word = (text: string, kind: Token['kind'] = 'word') => plainToken({ kind, text, start, end, spaced: true });
  return { tokens: [word('mov'), word(from), word(',', 'punctuator'), word(to)], conditions: [], start, end };
}

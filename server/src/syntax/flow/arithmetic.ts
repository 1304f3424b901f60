import { constantForm, type LinearForm } from '../assembler/expression.js';
import type { AsmOperand } from '../assembler/operand.js';
import { instructionEffect } from '../x86/mnemonics.js';
import { added, constant, mayMatter, unknownFor, type Origin, type OriginSet } from './origin.js';

import { onlyNumber, peek, placesOf, readFor, registerName, registerOf, write } from './operands.js';
import { type Step } from './step.js';
import { applyUsualEffect } from './usualEffect.js';

export function loadAddress(step: Step): void {
  const [from, to] = step.instruction.operands;
  if (from?.kind !== 'memory') {
    write(to, [unknownFor(step.doubt)], step);
    return;
  }
  const addresses = placesOf(from, step).map(({ base, displacement }) =>
    displacement === null && mayMatter(base) ? unknownFor(step.doubt) : added(base, displacement, 'lea'),
  );
  write(to, addresses, step);
}

export function exchange(step: Step): void {
  const [first, second] = step.instruction.operands;
  const left = readFor(first, step, registerOf(second));
  const right = readFor(second, step, registerOf(first));
  write(first, right, step, registerOf(second));
  write(second, left, step, registerOf(first));
}

export function addOperand(step: Step, factor: 1 | -1): void {
  const [from, to] = step.instruction.operands;
  const amounts = peek(from, step);
  const [only, another] = amounts;
  if (factor < 0 && isSameRegister(from, to)) {
    setResult(to, [constant(0)], step);
    return;
  }
  const amount = only?.kind === 'constant' && another === undefined ? scaled(only.value, factor) : null;
  const values = peek(to, step);
  const isDoubtful = amount === null && [...values, ...amounts].some(mayMatter);
  setResult(to, isDoubtful ? [unknownFor(step.doubt)] : addedTo(values, amount, step), step);
}

export function addNumber(step: Step, number: number): void {
  const [operand] = step.instruction.operands;
  setResult(operand, addedTo(peek(operand, step), constantForm(number), step), step);
}

export function addedTo(values: OriginSet, amount: LinearForm | null, { instruction }: Step): OriginSet {
  return values.map((origin) => added(origin, amount, instruction.mnemonic));
}

function scaled({ symbols, constant: number }: LinearForm, factor: number): LinearForm {
  return {
    symbols: new Map(Array.from(symbols, ([name, count]) => [name, factor * count])),
    constant: factor * number,
  };
}

/** Writes what an arithmetic instruction computed, and sets ZF by it. */
function setResult(to: AsmOperand | undefined, values: OriginSet, step: Step): void {
  write(to, values, step);
  const number = onlyNumber(values);
  step.state.zero = number === null ? null : number === 0;
}

export function exclusiveOr(step: Step): void {
  const [from, to] = step.instruction.operands;
  if (isSameRegister(from, to)) setResult(to, [constant(0)], step);
  else applyUsualEffect(step);
}

function isSameRegister(left: AsmOperand | undefined, right: AsmOperand | undefined): boolean {
  return left?.kind === 'register' && right?.kind === 'register' && registerName(left) === registerName(right);
}

export function compare(step: Step): void {
  const [first, second] = step.instruction.operands;
  const [left, right] = [onlyNumber(peek(first, step)), onlyNumber(peek(second, step))];
  step.state.zero = left === null || right === null ? null : left === right;
}

export function testBits(step: Step): void {
  const [left, right] = step.instruction.operands;
  const number = isSameRegister(left, right) ? onlyNumber(peek(left, step)) : null;
  step.state.zero = number === null ? null : number === 0;
}

/** An instruction that done twice does nothing. */
export function undoable(step: Step): void {
  const { instruction, state } = step;
  const [operand] = instruction.operands;
  const by = instructionEffect(instruction.mnemonic)?.name ?? instruction.mnemonic;
  const values = peek(operand, step).map((origin): Origin => {
    if (origin.kind === 'unknown') return origin;
    return origin.kind === 'computed' && origin.by === by && origin.operand
      ? origin.operand
      : { kind: 'computed', by, operand: origin };
  });
  write(operand, values, step);
  if (by === 'neg') state.zero = null;
}

import { constantForm } from '../assembler/expression.js';
import type { AsmOperand, AsmRegister } from '../assembler/operand.js';
import { pop, push, readWord, setRegister, valuesIn } from './machineState.js';
import { added, placeAt, union, type OriginSet } from './origin.js';

import { read, registerOf, write, writePlace } from './operands.js';
import { type Step, addAccess } from './step.js';

/** Of two operands, the one that Intel's syntax has first is pushed first (Intel APX specification, PUSH2): in AT&T order, the last. */
export function pushOperands(step: Step): void {
  for (const operand of step.instruction.operands.toReversed()) {
    const values = read(operand, step);
    if (step.state.pointer) pushToStructure(step.state.pointer, { operand, values }, step);
    else push(step.state, values, step.wordSize);
  }
}

function pushToStructure(
  pointer: OriginSet,
  { operand, values }: { readonly operand: AsmOperand; readonly values: OriginSet },
  step: Step,
): void {
  const addresses = pointer.map((address) => added(address, constantForm(-step.wordSize), step.instruction.mnemonic));
  setRegister(step.state, 'RSP', addresses, step.node);
  for (const address of addresses) {
    const place = placeAt(address, constantForm(0));
    writePlace(place, { operand: null, values, from: registerOf(operand), isOnly: addresses.length === 1 }, step);
  }
}

/** `pop slot(%rdi)` stores. A base of RSP counts from behind the popped word (SDM volume 2B, POP). */
export function popOperands(step: Step): void {
  const { state, wordSize, doubt } = step;
  for (const operand of step.instruction.operands.toReversed()) {
    const values = state.pointer
      ? popFromStructure(state.pointer, registerOf(operand), step)
      : pop(state, wordSize, doubt);
    write(operand, values, step);
  }
}

function popFromStructure(pointer: OriginSet, register: AsmRegister | null, step: Step): OriginSet {
  const values = pointer.reduce<OriginSet>((all, address) => {
    const place = placeAt(address, constantForm(0));
    addAccess(step, { direction: 'load', place, memory: null, register, values: [] });
    return union(all, readWord(step.state, place, step), step.doubt);
  }, []);
  const above = pointer.map((address) => added(address, constantForm(step.wordSize), step.instruction.mnemonic));
  setRegister(step.state, 'RSP', above, step.node);
  return values;
}

export function pushFlags(step: Step): void {
  push(step.state, [{ kind: 'computed', by: step.instruction.mnemonic, operand: null }], step.wordSize);
}

export function popFlags(step: Step): void {
  pop(step.state, step.wordSize, step.doubt);
  step.state.zero = null;
}

export function leaveFrame(step: Step): void {
  setRegister(step.state, 'RSP', valuesIn(step.state, 'RBP', step.doubt), step.node);
  endFrame(step);
}

export function beginFrame(step: Step): void {
  push(step.state, valuesIn(step.state, 'RBP', step.doubt), step.wordSize);
  setRegister(step.state, 'RBP', valuesIn(step.state, 'RSP', step.doubt), step.node);
}

export function endFrame(step: Step): void {
  setRegister(step.state, 'RBP', pop(step.state, step.wordSize, step.doubt), step.node);
}

import { constantForm } from '../assembler/expression.js';
import type { AsmRegister } from '../assembler/operand.js';
import { pop, push, readWord, setRegister, valuesIn } from './machineState.js';
import { added, placeAt, union, type OriginSet } from './origin.js';

import { read, registerOf, write, writePlace } from './operands.js';
import { type Step, addAccess } from './step.js';

/**
 * Of two operands, the one that Intel's syntax has first is pushed first (Intel APX specification, PUSH2): in AT&T order, the last.
 * Assemblers are young and sources may mean the other order: which of a structure's two words gets which is not decided here.
 */
export function pushOperands(step: Step): void {
  const pushed = step.instruction.operands.toReversed().map((operand) => ({ operand, values: read(operand, step) }));
  const [first, ...others] = pushed;
  if (!first) return;
  const either = others.reduce((all, { values }) => union(all, values, step.doubt), first.values);
  for (const { operand, values } of pushed) {
    const register = others.length > 0 ? null : registerOf(operand);
    if (step.state.pointer) pushToStructure(step.state.pointer, { register, values: either }, step);
    else push(step.state, values, step.wordSize);
  }
}

function pushToStructure(
  pointer: OriginSet,
  { register, values }: { readonly register: AsmRegister | null; readonly values: OriginSet },
  step: Step,
): void {
  const addresses = pointer.map((address) => added(address, constantForm(-step.wordSize), step.instruction.mnemonic));
  setRegister(step.state, 'RSP', addresses, step.node);
  for (const address of addresses) {
    const place = placeAt(address, constantForm(0));
    writePlace(place, { operand: null, values, from: register, isOnly: addresses.length === 1 }, step);
  }
}

/** `pop slot(%rdi)` stores. A base of RSP counts from behind the popped word (SDM volume 2B, POP). */
export function popOperands(step: Step): void {
  const { state, wordSize, doubt, instruction } = step;
  const operands = instruction.operands.toReversed();
  if (!state.pointer) {
    for (const operand of operands) write(operand, pop(state, wordSize, doubt), step);
    return;
  }
  const words = operands.map((operand) =>
    state.pointer ? popFromStructure(state.pointer, operands.length > 1 ? null : registerOf(operand), step) : [],
  );
  const either = words.reduce((all, values) => union(all, values, doubt), []);
  for (const operand of operands) write(operand, either, step);
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

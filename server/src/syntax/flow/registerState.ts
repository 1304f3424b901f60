import { constantForm } from '../assembler/expression.js';
import { argumentRegisters, GPRS, type Gpr } from '../x86/registers.js';
import { addressOf, sameValue, UNKNOWN, type RegisterValue } from './registerValue.js';

/** What registers and the stack hold at one place in a function. */
export interface RegisterState {
  readonly registers: Map<Gpr, RegisterValue>;
  /** By offset in bytes from the stack pointer at the function's beginning. */
  readonly slots: Map<number, RegisterValue>;
  /** VM-entry and VM-exit lie behind. */
  isAfterEntry: boolean;
}

/** The state at a function's beginning. */
export function stateAtEntry(wordSize: 4 | 8): RegisterState {
  const registers = new Map<Gpr, RegisterValue>(GPRS.map((gpr) => [gpr, { kind: 'host', gpr }]));
  argumentRegisters(wordSize).forEach((gpr, i) => registers.set(gpr, { kind: 'argument', index: i + 1, gpr }));
  registers.set('RSP', { kind: 'stack' });
  return { registers, slots: new Map(), isAfterEntry: false };
}

export function copyOf(state: RegisterState): RegisterState {
  return { registers: new Map(state.registers), slots: new Map(state.slots), isAfterEntry: state.isAfterEntry };
}

/**
 * What holds where two ways meet: what both agree on. A register that one way loads and the other leaves alone is loaded, under
 * the condition of that way. The stack pointer and the side of VM-entry are the first's.
 */
export function joinStates(first: RegisterState, second: RegisterState): RegisterState {
  const state = copyOf(first);
  const agree = (left: RegisterValue, right: RegisterValue | undefined) =>
    right && sameValue(left, right) ? left : UNKNOWN;
  for (const [gpr, value] of first.registers) {
    if (gpr === 'RSP') continue;
    const other = second.registers.get(gpr);
    state.registers.set(gpr, loadedOnOneWay(gpr, value, other) ?? agree(value, other));
  }
  for (const [offset, value] of first.slots) state.slots.set(offset, agree(value, second.slots.get(offset)));
  return state;
}

function loadedOnOneWay(gpr: Gpr, left: RegisterValue, right: RegisterValue | undefined): RegisterValue | null {
  const isUntouched = (value: RegisterValue | undefined) => value?.kind === 'host' && value.gpr === gpr;
  if (left.kind === 'loaded' && isUntouched(right)) return left;
  return right?.kind === 'loaded' && isUntouched(left) ? right : null;
}

export function valueIn(state: RegisterState, gpr: Gpr | null): RegisterValue {
  return (gpr === null ? undefined : state.registers.get(gpr)) ?? UNKNOWN;
}

/** The stack offset that an address means, or null for an address elsewhere. */
export function stackOffset(address: RegisterValue): number | null {
  if (address.kind === 'stack') return 0;
  const isOnStack =
    address.kind === 'address' && address.base.kind === 'stack' && address.displacement.symbols.size === 0;
  return isOnStack ? address.displacement.constant : null;
}

/** Moves the stack pointer; what lies below it is gone. */
function moveStack(state: RegisterState, bytes: number): void {
  setRegister(state, 'RSP', addressOf(valueIn(state, 'RSP'), constantForm(bytes)));
}

export function setRegister(state: RegisterState, gpr: Gpr, value: RegisterValue): void {
  state.registers.set(gpr, value);
  if (gpr !== 'RSP') return;
  const top = stackOffset(value);
  for (const offset of state.slots.keys()) {
    if (top === null || offset < top) state.slots.delete(offset);
  }
}

/** Pushes a value of the machine's word size. */
export function push(state: RegisterState, value: RegisterValue, wordSize: number): void {
  moveStack(state, -wordSize);
  const top = stackOffset(valueIn(state, 'RSP'));
  if (top !== null) state.slots.set(top, value);
}

/** Pops a value of the machine's word size. */
export function pop(state: RegisterState, wordSize: number): RegisterValue {
  const top = stackOffset(valueIn(state, 'RSP'));
  const value = (top === null ? undefined : state.slots.get(top)) ?? UNKNOWN;
  moveStack(state, wordSize);
  return value;
}

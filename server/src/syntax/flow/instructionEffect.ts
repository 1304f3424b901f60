import { constantForm, type LinearForm } from '../assembler/expression.js';
import type { AsmInstruction } from '../assembler/instruction.js';
import type { AsmOperand, AsmRegister } from '../assembler/operand.js';
import { volatileRegisters, type Gpr } from '../x86/registers.js';
import { pop, push, setRegister, stackOffset, valueIn, type RegisterState } from './registerState.js';
import { addressOf, UNKNOWN, type RegisterValue } from './registerValue.js';

/** Registers that instructions write without naming them (Intel SDM volume 2). */
const IMPLICIT: ReadonlyMap<string, readonly Gpr[]> = new Map([
  ['rdmsr', ['RAX', 'RDX']],
  ['rdtsc', ['RAX', 'RDX']],
  ['rdtscp', ['RAX', 'RCX', 'RDX']],
  ['rdpmc', ['RAX', 'RDX']],
  ['rdpkru', ['RAX', 'RDX']],
  ['xgetbv', ['RAX', 'RDX']],
  ['cpuid', ['RAX', 'RBX', 'RCX', 'RDX']],
  ['mul', ['RAX', 'RDX']],
  ['div', ['RAX', 'RDX']],
  ['cltq', ['RAX']],
  ['cqto', ['RDX']],
  ['lodsb', ['RAX', 'RSI']],
  ['lodsq', ['RAX', 'RSI']],
  ['movsb', ['RCX', 'RSI', 'RDI']],
  ['movsq', ['RCX', 'RSI', 'RDI']],
  ['stosb', ['RCX', 'RDI']],
  ['stosq', ['RCX', 'RDI']],
]);

/** Instructions that write none of their operands. */
const READS_ONLY =
  /^(?:cmp|test|bt|push|j|jmp|call|ret|nop|verw|wrmsr|wrpkru|ud2|int|mfence|lfence|vm|ANNOTATE|UNWIND)/;

/** Changes the state as an instruction does. `load`: the number of the transfer that it is, when it loads a register. */
export function applyEffect(
  instruction: AsmInstruction,
  state: RegisterState,
  wordSize: 4 | 8,
  load: number | null,
): void {
  const [first, second] = instruction.operands;
  const mnemonic = instruction.mnemonic.replace(/^(mov|push|pop|lea|add|sub|xor|and|leave)[lq]$/, '$1');
  // Which alternative runs is not known: its moves are followed, but it keeps the stack and what a call may change.
  if (instruction.alternative && !/^(?:mov|lea|xor)$/.test(mnemonic)) return;
  const isFull = [first, second].every((operand) => operand?.kind !== 'register' || isWhole(operand, wordSize));
  switch (mnemonic) {
    case 'mov':
    case 'movabs':
      move(first, second, state, isFull, load);
      return;
    case 'lea':
      if (second?.kind === 'register' && second.gpr !== null) setRegister(state, second.gpr, addressIn(first, state));
      return;
    case 'push':
      push(state, valueOf(first, state, null), wordSize);
      return;
    case 'pop':
      write(first, pop(state, wordSize), state);
      return;
    case 'add':
    case 'sub':
      addTo(first, second, state, mnemonic === 'sub' ? -1 : 1, isFull);
      return;
    case 'pushf':
    case 'pushfq':
      push(state, UNKNOWN, wordSize);
      return;
    case 'popf':
    case 'popfq':
      pop(state, wordSize);
      return;
    case 'leave':
      setRegister(state, 'RSP', valueIn(state, 'RBP'));
      setRegister(state, 'RBP', pop(state, wordSize));
      return;
    case 'FRAME_BEGIN':
      push(state, valueIn(state, 'RBP'), wordSize);
      setRegister(state, 'RBP', valueIn(state, 'RSP'));
      return;
    case 'FRAME_END':
      setRegister(state, 'RBP', pop(state, wordSize));
      return;
    case 'xchg':
      exchange(first, second, state);
      return;
    case 'call':
    case 'CALL_NOSPEC':
      call(first, state, wordSize);
      return;
  }
  for (const gpr of IMPLICIT.get(instruction.mnemonic) ?? []) setRegister(state, gpr, UNKNOWN);
  const written = READS_ONLY.test(mnemonic) ? undefined : instruction.operands.at(-1);
  write(written, UNKNOWN, state);
}

function isWhole(register: AsmRegister, wordSize: number): boolean {
  return register.width === null || register.width === wordSize * 8;
}

function move(
  from: AsmOperand | undefined,
  to: AsmOperand | undefined,
  state: RegisterState,
  isFull: boolean,
  load: number | null,
): void {
  write(to, isFull || from?.kind === 'memory' ? valueOf(from, state, load) : UNKNOWN, state);
}

function valueOf(operand: AsmOperand | undefined, state: RegisterState, load: number | null): RegisterValue {
  if (operand?.kind === 'register') return valueIn(state, operand.gpr);
  if (operand?.kind !== 'memory') return UNKNOWN;
  const address = addressIn(operand, state);
  const offset = stackOffset(address);
  if (offset !== null) return state.slots.get(offset) ?? UNKNOWN;
  if (load === null) return UNKNOWN;
  const isSum = address.kind === 'address';
  return {
    kind: 'loaded',
    base: isSum ? address.base : address,
    displacement: isSum ? address.displacement : constantForm(0),
    load,
  };
}

function addressIn(operand: AsmOperand | undefined, state: RegisterState): RegisterValue {
  if (operand?.kind !== 'memory' || operand.index || operand.segment !== null) return UNKNOWN;
  const displacement: LinearForm | null = operand.displacement ? operand.displacement.value : constantForm(0);
  return addressOf(valueIn(state, operand.base?.gpr ?? null), displacement);
}

function write(operand: AsmOperand | undefined, value: RegisterValue, state: RegisterState): void {
  if (operand?.kind === 'register' && operand.gpr !== null) setRegister(state, operand.gpr, value);
  if (operand?.kind !== 'memory') return;
  const offset = stackOffset(addressIn(operand, state));
  if (offset !== null) state.slots.set(offset, value);
}

function addTo(
  from: AsmOperand | undefined,
  to: AsmOperand | undefined,
  state: RegisterState,
  factor: 1 | -1,
  isFull: boolean,
): void {
  if (to?.kind !== 'register' || to.gpr === null) return;
  const amount = from?.kind === 'immediate' && isFull ? from.expression.value : null;
  const signed = amount && {
    symbols: new Map(Array.from(amount.symbols, ([name, n]) => [name, factor * n] as const)),
    constant: factor * amount.constant,
  };
  setRegister(state, to.gpr, addressOf(valueIn(state, to.gpr), signed));
}

function exchange(first: AsmOperand | undefined, second: AsmOperand | undefined, state: RegisterState): void {
  const [left, right] = [valueOf(first, state, null), valueOf(second, state, null)];
  write(first, right, state);
  write(second, left, state);
}

/** A call of a place in the same function (`call 1f`) is a trick with the return stack, no call of a function. */
function call(target: AsmOperand | undefined, state: RegisterState, wordSize: 4 | 8): void {
  if (target?.kind === 'symbol' && /^(?:\d+[bf]$|\.L)/.test(target.expression.text)) return;
  for (const gpr of volatileRegisters(wordSize)) setRegister(state, gpr, UNKNOWN);
}

import type { Span } from '../text/sourceText.js';
import { conditionSiblings } from './conditionBranches.js';
import type { AsmExpression, LinearForm } from '../assembler/expression.js';
import type { AsmInstruction } from '../assembler/instruction.js';
import { applyEffect } from './instructionEffect.js';
import { trackJumps } from './jumps.js';
import type { AsmOperand } from '../assembler/operand.js';
import { GPRS, type Gpr } from '../x86/registers.js';
import { setRegister, stackOffset, stateAtEntry, valueIn, type RegisterState } from './registerState.js';
import { addressOf, type RegisterValue } from './registerValue.js';

/** A move between a register and memory outside of the stack. */
export interface SlotTransfer {
  readonly instruction: AsmInstruction;
  /** `load`: memory to register. */
  readonly direction: 'load' | 'store';
  /**
   * The hardware register that is moved: of a load the register that has the value at VM-entry (or else the one that is
   * loaded), of a store the one whose guest or host value is stored, also when it went through the stack.
   */
  readonly gpr: Gpr | null;
  /**
   * Of a store: whose value it is, the guest's after VM-exit or the host's own. Of a load: `guest` when it stays in the
   * register up to VM-entry, `host` when it does not, `unknown` in a function without VM-entry.
   */
  readonly content: 'guest' | 'host' | 'unknown';
  /** What the base register holds, and the whole displacement from that. */
  readonly base: RegisterValue;
  readonly displacement: LinearForm | null;
  /** As written in the operand, with its names; null for `(%reg)`. */
  readonly written: AsmExpression | null;
  readonly side: 'before-entry' | 'after-entry' | 'no-entry';
  /** In bits; null where the operand doesn't tell (`pop` to memory). */
  readonly width: number | null;
  readonly registerOrigin: Span;
  readonly displacementOrigin: Span;
}

/** How to read a function. */
interface TraceOptions {
  readonly wordSize: 4 | 8;
  /** Whether an instruction is VM-entry, or a call of a function that does it. */
  readonly isEntry: (instruction: AsmInstruction) => boolean;
  /** What registers hold at the beginning when that is no function's: the operands of an `asm()` statement. */
  readonly atBeginning?: ReadonlyMap<Gpr, RegisterValue>;
}

interface Trace {
  readonly options: TraceOptions;
  readonly hasEntry: boolean;
  readonly transfers: SlotTransfer[];
  /** Transfers whose value was in a register at VM-entry, and in which. */
  readonly atEntry: Map<number, Gpr>;
  state: RegisterState;
}

/**
 * Follows the registers through one function's instructions in the order of the text, and tells each move between a
 * register and memory. VM-exit leaves every GPR but RSP with the guest's value. Code in other sections (fix-ups) is
 * left out. Where ways meet, what they don't agree on is unknown.
 */
export function traceRegisters(instructions: readonly AsmInstruction[], options: TraceOptions): SlotTransfer[] {
  const state = stateAtEntry(options.wordSize);
  for (const [gpr, value] of options.atBeginning ?? []) state.registers.set(gpr, value);
  const own = instructions.filter((instruction) => instruction.section === instructions[0]?.section);
  const trace: Trace = { options, hasEntry: own.some(options.isEntry), transfers: [], atEntry: new Map(), state };
  const jumps = trackJumps();
  const branches = conditionSiblings();
  for (const instruction of own) {
    trace.state = jumps.arrive(instruction, branches.enter(instruction.conditions, trace.state));
    step(instruction, trace);
    jumps.leave(instruction, trace.state);
  }
  return trace.transfers.map((transfer, i) =>
    transfer.direction === 'load' ? settledLoad(transfer, i, trace) : transfer,
  );
}

/** A load, now that it is known which registers hold what at VM-entry. */
function settledLoad(load: SlotTransfer, index: number, trace: Trace): SlotTransfer {
  if (!trace.hasEntry) return load;
  const gpr = trace.atEntry.get(index);
  return gpr === undefined ? { ...load, content: 'host' } : { ...load, content: 'guest', gpr };
}

function step(instruction: AsmInstruction, trace: Trace): void {
  if (trace.options.isEntry(instruction)) {
    enterGuest(instruction, trace);
    return;
  }
  const transfer = transferOf(instruction, trace);
  if (transfer) trace.transfers.push(transfer);
  const load = transfer?.direction === 'load' ? trace.transfers.length - 1 : null;
  applyEffect(instruction, trace.state, trace.options.wordSize, load);
}

/** VM-entry, and VM-exit right after it. VMRUN restores the host's RAX and RSP (AMD APM volume 2, 15.5.1). */
function enterGuest(instruction: AsmInstruction, trace: Trace): void {
  const kept = instruction.mnemonic === 'vmrun' ? ['RSP', 'RAX'] : ['RSP'];
  for (const gpr of GPRS) {
    if (kept.includes(gpr)) continue;
    const value = valueIn(trace.state, gpr);
    if (value.kind === 'loaded' && !trace.state.isAfterEntry) trace.atEntry.set(value.load, gpr);
    setRegister(trace.state, gpr, { kind: 'guest', gpr });
  }
  trace.state.isAfterEntry = true;
}

const MOVE = /^mov(?:[lq]|abs|absq)?$/;
const POP = /^pop[lq]?$/;

function transferOf(instruction: AsmInstruction, trace: Trace): SlotTransfer | null {
  const [from, to] = instruction.operands;
  if (POP.test(instruction.mnemonic) && from?.kind === 'memory') return storeOfStack(instruction, from, trace);
  if (!MOVE.test(instruction.mnemonic) || !from || !to) return null;
  if (from.kind === 'memory' && to.kind === 'register') return moveTransfer('load', instruction, from, to, trace);
  if (from.kind === 'register' && to.kind === 'memory') return moveTransfer('store', instruction, to, from, trace);
  return null;
}

type Memory = AsmOperand & { kind: 'memory' };
type Register = AsmOperand & { kind: 'register' };

function moveTransfer(
  direction: 'load' | 'store',
  instruction: AsmInstruction,
  memory: Memory,
  register: Register,
  trace: Trace,
): SlotTransfer | null {
  const place = placeInMemory(memory, trace.state);
  if (!place || register.gpr === null) return null;
  const value = valueIn(trace.state, register.gpr);
  const stored = direction === 'store' ? contentOf(value) : { gpr: register.gpr, content: 'unknown' as const };
  return {
    ...place,
    ...stored,
    gpr: stored.gpr ?? register.gpr,
    instruction,
    direction,
    side: sideOf(trace),
    width: register.width,
    registerOrigin: { start: register.start, end: register.end },
  };
}

/** `pop slot(%rdi)`: the value on the stack's top is stored. A base of RSP counts from behind it (Intel SDM volume 2B, POP). */
function storeOfStack(instruction: AsmInstruction, memory: Memory, trace: Trace): SlotTransfer | null {
  const top = stackOffset(valueIn(trace.state, 'RSP'));
  const place = placeInMemory(memory, trace.state);
  if (!place) return null;
  const value = top === null ? undefined : trace.state.slots.get(top);
  return {
    ...place,
    ...contentOf(value),
    instruction,
    direction: 'store',
    side: sideOf(trace),
    width: null,
    registerOrigin: instruction.item ?? { start: instruction.start, end: instruction.end },
  };
}

function sideOf(trace: Trace): SlotTransfer['side'] {
  if (!trace.hasEntry) return 'no-entry';
  return trace.state.isAfterEntry ? 'after-entry' : 'before-entry';
}

function contentOf(value: RegisterValue | undefined): Pick<SlotTransfer, 'gpr' | 'content'> {
  if (value?.kind === 'guest') return { gpr: value.gpr, content: 'guest' };
  if (value?.kind === 'host' || value?.kind === 'argument') return { gpr: value.gpr, content: 'host' };
  const isHosts = value?.kind === 'stack' || value?.kind === 'address' || value?.kind === 'operand';
  return { gpr: null, content: isHosts ? 'host' : 'unknown' };
}

/** Where a memory operand lies; null for the stack, for RIP-relative and segment-relative ones, and for indexed ones. */
function placeInMemory(
  memory: Memory,
  state: RegisterState,
): Pick<SlotTransfer, 'base' | 'displacement' | 'written' | 'displacementOrigin'> | null {
  if (!memory.base || memory.base.name === 'rip' || memory.segment !== null || memory.index) return null;
  const inline = memory.base.inline;
  const base: RegisterValue =
    memory.base.gpr === null && inline
      ? { kind: 'operand', expression: inline.expression }
      : valueIn(state, memory.base.gpr);
  const displacement = memory.displacement
    ? memory.displacement.value
    : { symbols: new Map<string, number>(), constant: 0 };
  const address = addressOf(base, displacement);
  if (stackOffset(address) !== null || base.kind === 'stack' || (base.kind === 'address' && base.base.kind === 'stack'))
    return null;
  const { start, end } = memory.displacement ?? memory;
  return {
    base: address.kind === 'address' ? address.base : base,
    displacement: address.kind === 'address' ? address.displacement : displacement,
    written: memory.displacement,
    displacementOrigin: { start, end },
  };
}

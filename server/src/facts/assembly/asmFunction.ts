import type { AsmInstruction } from '../../syntax/assembler/instruction.js';
import type { Guard } from '../../syntax/conditions/guard.js';
import { traceRegisters, type SlotTransfer } from '../../syntax/flow/registerFlow.js';
import type { RegisterValue } from '../../syntax/flow/registerValue.js';
import { skipConditions } from '../../syntax/flow/skippedCode.js';
import type { Gpr } from '../../syntax/x86/registers.js';
import { isEntry, type Entering, type GuestEntryAt } from './guestEntries.js';

/** What is known of a function with assembly in it. */
export interface AsmFunctionFacts {
  readonly name: string;
  /** Offset of its name; of the asm statement for one in C. */
  readonly offset: number;
  readonly end: number;
  readonly conditions: readonly Guard[];
  /** The VM-entry that it does itself; null without one. */
  readonly entry: GuestEntryAt | null;
  readonly calls: readonly AsmCall[];
  /** Moves between registers and memory, as a 64-bit kernel has them, then those that only a 32-bit one has. */
  readonly transfers: readonly AsmTransfer[];
  /** It is the whole of a C function's assembly. */
  readonly isInline: boolean;
}

/** A call in assembly. */
export interface AsmCall {
  readonly name: string;
  readonly offset: number;
  readonly conditions: readonly Guard[];
}

/** A move between a hardware register and memory, with the word size that it was read for. */
export interface AsmTransfer extends SlotTransfer {
  readonly wordSize: 4 | 8;
  /** The conditions that the instruction is under. */
  readonly guards: readonly Guard[];
}

/** A function's instructions, each also under the conditions that jumps put it under. */
export function withSkips(instructions: readonly AsmInstruction[]): AsmInstruction[] {
  const skips = skipConditions(instructions);
  return instructions.map((instruction, i) => ({
    ...instruction,
    conditions: [...instruction.conditions, ...(skips[i] ?? [])],
  }));
}

/** The moves between registers and memory that a function's instructions do, as a kernel of a word size has them. */
export function tracedTransfers(
  instructions: readonly AsmInstruction[],
  wordSize: 4 | 8,
  entering: Entering,
  atBeginning?: ReadonlyMap<Gpr, RegisterValue>,
): AsmTransfer[] {
  const options = { wordSize, isEntry: (instruction: AsmInstruction) => isEntry(instruction, entering) };
  return traceRegisters(instructions, atBeginning ? { ...options, atBeginning } : options).map((transfer) => ({
    ...transfer,
    wordSize,
    guards: transfer.instruction.conditions,
  }));
}

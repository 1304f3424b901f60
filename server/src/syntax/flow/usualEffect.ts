import type { AsmInstruction } from '../assembler/instruction.js';
import { instructionEffect } from '../x86/mnemonics.js';
import { setRegister } from './machineState.js';
import { mayMatter, union, unknownFor, type OriginSet } from './origin.js';

import { isPlace, peek, readFor, registerOf, write } from './operands.js';
import { type Step, addDoubt } from './step.js';

/**
 * Macros of linux/objtool.h, asm/unwind_hints.h, asm/ibt.h and asm/inst.h that make no instruction, or one that does nothing:
 * annotations, and the number of a register that is named.
 */
export const ANNOTATION =
  /^(?:(?:REG|R32|R64)_NUM$|ANNOTATE_|UNWIND_HINT|STACK_FRAME_NON_STANDARD|ENDBR|REACHABLE|VALIDATE_)/;

/** What an instruction does that has no function of its own here: by the table of mnemonics, and without an entry there by the operands. */
export function applyUsualEffect(step: Step): void {
  const { instruction, state, doubt } = step;
  const effect = instructionEffect(instruction.mnemonic);
  if (!effect) {
    if (!ANNOTATION.test(instruction.mnemonic)) applyUnknown(step);
    return;
  }
  const sources = instruction.operands.map((operand) => (isPlace(operand) ? peek(operand, step) : []));
  for (const gpr of effect.implicit) setRegister(state, gpr, computed(step, sources), step.node);
  const written = effect.writes === 'all' ? instruction.operands : instruction.operands.slice(-1);
  if (effect.writes !== 'none') doubtVectorStore(step);
  const isConditional = instruction.mnemonic.startsWith('cmov');
  if (effect.writes !== 'none') {
    const values = isConditional ? sources.reduce((all, more) => union(all, more, doubt), []) : computed(step, sources);
    for (const operand of written) write(operand, values, step);
  }
  if (!effect.keepsFlags) state.zero = null;
}

/**
 * An operation that is not known: each operand may hold what it held, or something else. One without operands is a doubt about all,
 * and so is one with capitals: by the kernel's style it is a macro that the tree does not define, which may do more than it names.
 */
function applyUnknown(step: Step): void {
  const { instruction, doubt, state } = step;
  const named = instruction.operands.filter(isPlace);
  if (named.length === 0 || /[A-Z]/.test(instruction.mnemonic)) addDoubt(step, 'instruction');
  doubtVectorStore(step);
  for (const operand of named) write(operand, union(peek(operand, step), [unknownFor(doubt)], doubt), step);
  state.zero = null;
}

/** What stores a vector register may write more words than the one that the operand names. */
function doubtVectorStore(step: Step): void {
  const { operands } = step.instruction;
  const hasVector = operands.some((operand) => operand.kind === 'register' && /^[xyz]mm/.test(operand.name));
  if (hasVector && operands.at(-1)?.kind === 'memory') addDoubt(step, 'memory');
}

/** What an instruction computes of values: something else than a guest's value, or, where it gets one of those, one cannot say. */
export function computed({ instruction, doubt }: Step, sources: readonly OriginSet[]): OriginSet {
  if (sources.flat().some(mayMatter) && !losesBits(instruction)) return [unknownFor(doubt)];
  return [{ kind: 'computed', by: instruction.mnemonic, operand: null }];
}

/** A shift by a number: what is shifted out cannot come back. */
function losesBits({ mnemonic, operands: [count] }: AsmInstruction): boolean {
  const isByNumber = count?.kind === 'immediate' && count.expression.value?.symbols.size === 0;
  return SHIFT.test(mnemonic) && isByNumber && count.expression.value.constant !== 0;
}

const SHIFT = /^(?:sh[lr]|sa[lr])[bwlq]?$/;

// Registers, memory and immediates

export function move(step: Step): void {
  const [from, to] = step.instruction.operands;
  write(to, readFor(from, step, registerOf(to)), step, registerOf(from));
}

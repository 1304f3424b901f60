import type { AsmInstruction } from '../assembler/instruction.js';
import { instructionEffect, VECTOR_MOVES } from '../x86/mnemonics.js';
import { volatileRegisters } from '../x86/registers.js';
import { isControlMacro } from './control.js';
import { leaveToCallee } from './machineState.js';

import {
  addNumber,
  addOperand,
  compare,
  exchange,
  exclusiveOr,
  loadAddress,
  testBits,
  undoable,
} from './arithmetic.js';
import { beginFrame, endFrame, leaveFrame, popFlags, popOperands, pushFlags, pushOperands } from './stackEffects.js';
import { type Step } from './step.js';
import { copyWords } from './stringMoves.js';
import { ANNOTATION, applyUsualEffect, move } from './usualEffect.js';
import { movePair } from './vectorMoves.js';

/** Changes the state as an instruction does that goes on behind itself (Intel SDM volume 2). What is not read changes nothing. */
export function applyEffect(step: Step): void {
  const { mnemonic, unread } = step.instruction;
  if (unread) return;
  const known = instructionEffect(mnemonic);
  const effect = isStringInstruction(step.instruction) ? copyWords : EFFECTS.get(known?.name ?? mnemonic);
  if (effect && !hasNewDestination(known?.name ?? '', step.instruction)) effect(step);
  else if (known?.copies) move(step);
  else applyUsualEffect(step);
}

/** Whether arithmetic writes its result to an operand of its own, which only APX has (Intel APX specification, 3.1.3.1). */
function hasNewDestination(name: string, { operands }: AsmInstruction): boolean {
  if (/^(?:add|sub|xor)$/.test(name)) return operands.length > 2;
  return /^(?:inc|dec|not|neg)$/.test(name) && operands.length > 1;
}

/** `movsq`, `stosq` and the like without operands: with some, `movsl` and `movsb` are moves that extend the sign. */
function isStringInstruction({ mnemonic, operands }: AsmInstruction): boolean {
  return /^(?:movs|stos|lods)[bwlq]$/.test(mnemonic) && operands.length === 0;
}

const EFFECTS: ReadonlyMap<string, (step: Step) => void> = new Map<string, (step: Step) => void>([
  ['lea', loadAddress],
  ...['push', 'pushp', 'push2', 'push2p'].map((name) => [name, pushOperands] as const),
  ...['pop', 'popp', 'pop2', 'pop2p'].map((name) => [name, popOperands] as const),
  ['pushf', pushFlags],
  ['popf', popFlags],
  ['leave', leaveFrame],
  ['xchg', exchange],
  [
    'add',
    (step) => {
      addOperand(step, 1);
    },
  ],
  [
    'sub',
    (step) => {
      addOperand(step, -1);
    },
  ],
  [
    'inc',
    (step) => {
      addNumber(step, 1);
    },
  ],
  [
    'dec',
    (step) => {
      addNumber(step, -1);
    },
  ],
  ['xor', exclusiveOr],
  ['cmp', compare],
  ['test', testBits],
  ['bswap', undoable],
  ['not', undoable],
  ['neg', undoable],
  ['call', call],
  ['CALL_NOSPEC', call],
  ...VECTOR_MOVES.map((name) => [name, movePair] as const),
  // asm/frame.h, for trees that lack it.
  ['FRAME_BEGIN', beginFrame],
  ['FRAME_END', endFrame],
]);

/** Whether what a macro of the kernel's does is known without its definition. */
export function isKnownMacro(name: string): boolean {
  return ANNOTATION.test(name) || EFFECTS.has(name) || isControlMacro(name);
}

/**
 * A call of a function that is not in this code. What is patched in is in assembly and keeps the registers that its caller
 * needs (asm/nospec-branch.h).
 */
function call(step: Step): void {
  const { instruction, state, wordSize, doubt } = step;
  if (instruction.alternative) return;
  const [target] = instruction.operands;
  const callee = target?.kind === 'symbol' ? target.expression.text : '';
  leaveToCallee(state, callee, volatileRegisters(wordSize), doubt);
}

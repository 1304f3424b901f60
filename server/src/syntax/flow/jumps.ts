import type { AsmInstruction } from '../assembler/instruction.js';
import { copyOf, joinStates, type RegisterState } from './registerState.js';

/** Carries states along forward jumps. */
interface JumpTracker {
  /** The state before an instruction, given the one behind the instruction above it. */
  readonly arrive: (instruction: AsmInstruction, above: RegisterState) => RegisterState;
  /** Notes where an instruction may jump to. */
  readonly leave: (instruction: AsmInstruction, state: RegisterState) => void;
}

const JUMP = /^(?:j[a-z]+|loop[a-z]*)$/;
const NEVER_GOES_ON = /^(?:jmp[lq]?|ret[lq]?|iret[lq]?|ud2|RET)$/;

/**
 * A label that is jumped to from above has what the jumps bring; behind a `jmp` or `ret` it has nothing else. Jumps back
 * bring nothing, and a label that nothing above jumps to goes on with the state of the text above: VM-exit arrives at
 * such a label.
 */
export function trackJumps(): JumpTracker {
  const waiting = new Map<string, RegisterState>();
  let goesOn = true;
  return {
    arrive(instruction, above) {
      const brought = instruction.labels.flatMap((label) => waiting.get(label) ?? []);
      for (const label of instruction.labels) waiting.delete(label);
      const [first, ...others] = goesOn ? [above, ...brought] : brought;
      goesOn = true;
      return first ? others.reduce(joinStates, first) : above;
    },
    leave(instruction, state) {
      const target = targetOf(instruction);
      if (target !== null) {
        const before = waiting.get(target);
        waiting.set(target, before ? joinStates(before, state) : copyOf(state));
      }
      if (!instruction.alternative && NEVER_GOES_ON.test(instruction.mnemonic)) goesOn = false;
    },
  };
}

/** The label that a jump names; null for other instructions and jumps back. */
function targetOf(instruction: AsmInstruction): string | null {
  const [operand] = instruction.operands;
  if (!JUMP.test(instruction.mnemonic) || operand?.kind !== 'symbol') return null;
  const label = operand.expression.text;
  if (/^\d+b$/.test(label)) return null;
  return /^\d+f$/.test(label) ? label.slice(0, -1) : label;
}

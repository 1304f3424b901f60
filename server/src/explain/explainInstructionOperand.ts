import type { InstructionOperand } from '../model/query/instructionOperands.js';
import { code, joinPhrases, statement, strong, type Explanation } from './explanation.js';

/** An operand of an instruction that a macro makes for the kernel itself, or the macro: the register there is the host's. */
export function explainInstructionOperand(name: string, { registers, macro }: InstructionOperand): Explanation {
  const used = joinPhrases(registers.map(code));
  return {
    subject: { kind: 'assembly', name },
    answer: statement(
      registers.includes(name)
        ? [
            strong(name),
            ": hardware's, while KVM runs: an operand of the instruction that ",
            code(macro),
            ' makes; no guest register is there',
          ]
        : [
            strong(name),
            ': makes an instruction that KVM runs itself, with ',
            ...used,
            ' of hardware; no guest register is there',
          ],
    ),
    owners: [],
    notes: [],
  };
}

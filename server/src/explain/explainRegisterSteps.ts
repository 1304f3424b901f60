import { exitTitleOf } from '../model/query/backends.js';
import { conditionsOfSteps, type RegisterSteps } from '../model/query/registerSteps.js';
import type { RegisterModel } from '../model/registerModel.js';
import type { RegisterStep } from '../syntax/flow/registerSteps.js';
import { lineEvidence } from './evidence.js';
import { statement, strong, type Explanation, type Phrase } from './explanation.js';
import { registerNames } from '../syntax/x86/registerNames.js';
import { tellingText } from './slotConditions.js';

/** What an instruction does with registers that moves none between hardware and the register cache. */
export function explainRegisterSteps(
  model: RegisterModel,
  name: string,
  { file, asm, steps }: RegisterSteps,
): Explanation {
  const [first] = steps;
  const alike = steps.filter(({ kind, whose }) => kind === first.kind && whose === first.whose);
  const names = registerNames([...new Set(alike.map(({ gpr }) => gpr))]);
  const side = first.isAfterEntry ? `, after ${exitTitleOf(model, asm)}` : ', before VM-entry';
  const condition = tellingText(conditionsOfSteps(model, alike));
  return {
    subject: { kind: 'assembly', name },
    answer: statement(
      [...doneTo(first, names), side, condition === '' ? '' : `, if ${condition}`],
      [lineEvidence(model, file, first.instruction.start)],
    ),
    owners: [],
    notes: [],
  };
}

function doneTo({ kind, whose }: RegisterStep, names: string): Phrase[] {
  switch (kind) {
    case 'saved':
      return [whose === 'guest' ? "The guest's " : "The host's ", strong(names), ' saved on the stack'];
    case 'restored':
      return [whose === 'guest' ? "The guest's " : "The host's ", strong(names), ' restored from the stack'];
    case 'cleared':
      return [
        'Clears ',
        strong(names),
        whose === 'guest' ? ", which had the guest's value" : ", which has the guest's value no longer",
      ];
  }
}

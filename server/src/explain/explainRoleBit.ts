import type { RoleBit } from '../model/query/roleBits.js';
import { sourceOf, type FileSpan } from '../model/query/text.js';
import type { RegisterModel } from '../model/registerModel.js';
import { code, statement, strong, type Explanation, type Phrase } from './explanation.js';
import { memberUsePhrases } from './memberUse.js';

/** A bit of an MMU's role, or what a role is made of: called after a register's bit, and no register itself. */
export function explainRoleBit(model: RegisterModel, name: string, at: FileSpan, bit: RoleBit): Explanation {
  const use = bit.kind === 'bit' ? memberUsePhrases(sourceOf(model, at.file)?.text ?? '', at) : [];
  return {
    subject: { kind: 'member', name },
    answer: statement([strong(name), ': ', ...whatItIs(bit), ...use]),
    owners: [],
    notes: [],
  };
}

function whatItIs(bit: RoleBit): Phrase[] {
  switch (bit.kind) {
    case 'bit':
      return [`a bit that KVM keeps aside and calls after ${bit.register}.${bit.bit} (`, code(bit.constant), ')'];
    case 'test':
      return [
        `asks for what KVM keeps aside as ${bit.register}.${bit.bit} (`,
        code(bit.constant),
        '); reads no register',
      ];
    case 'copy':
      return [`a copy of ${bit.register} on the stack, here of `, code(bit.value)];
  }
}

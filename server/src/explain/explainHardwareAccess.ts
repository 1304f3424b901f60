import { guardsOfStatement } from '../model/query/statementGuards.js';
import type { HardwareAccess } from '../model/query/hardwareFunctions.js';
import type { FileSpan } from '../model/query/text.js';
import { ownCopy, unlistedIn } from '../model/query/unlistedRegisters.js';
import type { RegisterModel } from '../model/registerModel.js';
import { conditionPhrases } from './conditionPhrases.js';
import { code, statement, strong, type Explanation, type Phrase } from './explanation.js';

/** Characters of a value that a line has room for. */
const LONGEST = 60;

/** A call of the kernel's for a register of hardware: which, from what or to what, and under which conditions. */
export function explainHardwareAccess(
  model: RegisterModel,
  at: FileSpan,
  name: string,
  { register, isWritten, other }: HardwareAccess,
): Explanation {
  const what = register ?? 'a debug register, DR0-DR7 by its number,';
  const shown: Phrase[] = other === null || other.length > LONGEST ? [] : [isWritten ? ' with ' : ' to ', code(other)];
  return {
    subject: { kind: 'function', name },
    answer: statement([
      strong(name),
      `: ${isWritten ? 'writes' : 'reads'} ${what} ${isWritten ? 'in' : 'of'} hardware`,
      ...shown,
      ...copyPhrases(other),
      ...switchPhrases(register),
      ...conditionPhrases(model, guardsOfStatement(model, at.file, at.start)),
    ]),
    owners: [],
    notes: [],
  };
}

/** Whose the value is, where KVM's own copy is on the other side. */
function copyPhrases(other: string | null): Phrase[] {
  const copy = other === null ? null : ownCopy(other.replace(/\[\w+\]$/, ''));
  return copy === 'db' || (copy !== null && unlistedIn(copy) !== null) ? [", KVM's copy of the guest's"] : [];
}

/** Why code does that: CR2 and DR6 have no fields in the VMCS (SDM vol. 3, 25.4), DR0-DR3 neither there nor in the VMCB (APM vol. 2, 15.5). */
function switchPhrases(register: string | null): Phrase[] {
  if (register === 'CR2' || register === 'DR6') return [', which VMX neither loads nor saves'];
  return register !== null && /^DR[0-3]$/.test(register) ? [', which neither VM-entry nor VM-exit switches'] : [];
}

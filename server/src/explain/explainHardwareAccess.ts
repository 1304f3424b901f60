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
  access: HardwareAccess,
): Explanation {
  const { register, isWritten, other } = access;
  const what = register ?? 'a debug register, DR0-DR7 by its number,';
  const shown: Phrase[] = other === null || other.length > LONGEST ? [] : [isWritten ? ' with ' : ' to ', code(other)];
  return {
    subject: { kind: 'function', name },
    answer: statement([
      strong(name),
      `: ${isWritten ? 'writes' : 'reads'} ${what} ${isWritten ? 'in' : 'of'} hardware`,
      ...shown,
      ...switchPhrases(access),
      ...conditionPhrases(model, guardsOfStatement(model, at.file, at.start)),
    ]),
    owners: [],
    notes: [],
  };
}

/** The member of KVM's own that is on the other side, if that is a copy of the guest's. */
function isCopy(other: string | null): boolean {
  const copy = other === null ? null : ownCopy(other.replace(/\[\w+\]$/, ''));
  return copy === 'db' || (copy !== null && unlistedIn(copy) !== null);
}

/**
 * Whose the value is, and why code moves it: CR2 and DR6 have no fields in the VMCS (SDM vol. 3, 25.4), DR0-DR3 neither there nor in the
 * VMCB (APM vol. 2, 15.5).
 */
function switchPhrases({ register, isWritten, other }: HardwareAccess): Phrase[] {
  const copy = isCopy(other) ? [", KVM's copy of the guest's"] : [];
  if (register === 'CR2' || register === 'DR6') {
    if (!isWritten) return [...copy, "; after VM-exit it is the guest's, which VMX does not save"];
    return copy.length > 0 ? [...copy, ', before VM-entry, which does not load it on VMX'] : [];
  }
  const isAddress = register !== null && /^DR[0-3]$/.test(register);
  return [...copy, ...(isAddress ? [', which neither VM-entry nor VM-exit switches'] : [])];
}

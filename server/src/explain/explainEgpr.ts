import type { Register, RegisterModel } from '../model/registerModel.js';
import { backendOfFile } from './backendOfFile.js';
import { explainRegister } from './explainRegister.js';
import { code, statement, strong, type Explanation } from './explanation.js';
import { evidenceOf, ownerLines } from './ownerLines.js';

/**
 * What a word means of R16-R31 in a tree that keeps them outside of the register cache: the `asm` that reads or writes one in
 * hardware, and the name of its number (`__VCPU_XREG_R20`); null for other words.
 */
export function explainEgpr(model: RegisterModel, path: string, offset: number, name: string): Explanation | null {
  const kept = model.registers.filter((register) => register.member === null && register.transfers.length > 0);
  for (const register of kept) {
    const access = accessAt(model, register, path, offset);
    if (access) return access;
    if (name.endsWith(`_${register.register}`)) return explainRegister(model, register, backendOfFile(model, path));
  }
  return null;
}

function accessAt(model: RegisterModel, register: Register, path: string, offset: number): Explanation | null {
  const transfer = register.transfers.find((t) => t.file === path && t.offset === offset && t.other !== '');
  if (!transfer) return null;
  const isRead = transfer.from?.kind === 'hardware';
  return {
    subject: { kind: 'assembly', name: 'asm' },
    answer: statement(
      [
        strong(register.register),
        isRead ? ': read from hardware into ' : ': written to hardware from ',
        code(transfer.other),
      ],
      [evidenceOf(transfer)],
    ),
    owners: ownerLines(model, register, backendOfFile(model, path)),
    notes: [],
  };
}

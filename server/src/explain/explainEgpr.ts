import { backendOfFile } from '../model/query/backends.js';
import type { EgprAccess } from '../model/query/egprs.js';
import type { Register, RegisterModel } from '../model/registerModel.js';
import { evidenceOf } from './evidence.js';
import { explainRegister } from './explainRegister.js';
import { code, statement, strong, type Explanation } from './explanation.js';
import { ownerLines } from './ownerLines.js';

/** The `asm` that reads or writes one of R16-R31 in hardware, in a tree that keeps them outside of the register cache. */
export function explainEgprAccess(model: RegisterModel, path: string, { register, transfer }: EgprAccess): Explanation {
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
    owners: ownerLines(model, register, { first: backendOfFile(model, path), isShort: true }),
    notes: [],
  };
}

/** The name of the number of one of R16-R31 in such a tree: `__VCPU_XREG_R20`. */
export function explainEgprNumber(model: RegisterModel, path: string, register: Register): Explanation {
  return explainRegister(model, register, backendOfFile(model, path));
}

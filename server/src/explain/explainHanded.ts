import { backendOfFile } from '../model/query/backends.js';
import type { HandedRegister } from '../model/query/handedRegisters.js';
import { registerNamed } from '../model/query/registers.js';
import type { RegisterModel } from '../model/registerModel.js';
import { code, statement, strong, type Explanation } from './explanation.js';
import { ownerLines } from './ownerLines.js';

/** A function that gets a register's value where it is called, and is not known to move any. */
export function explainHanded(
  model: RegisterModel,
  path: string,
  name: string,
  { held, variable }: HandedRegister,
): Explanation {
  const register = registerNamed(model, held);
  return {
    subject: { kind: 'function', name },
    answer: statement([strong(name), `: gets a value of ${held} here, `, code(variable)]),
    owners: register ? ownerLines(model, register, { first: backendOfFile(model, path), isShort: true }) : [],
    notes: [],
  };
}

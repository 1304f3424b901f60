import type { RegisterMember } from '../../facts/registerFile.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { FULL_COUNT } from './narrowFiles.js';

/** The general-purpose registers that the enum declares, in the order of their numbers. */
export function enumGprs(model: RegisterModel): RegisterMember[] {
  return model.vocabulary.registers.members
    .filter((member) => member.class === 'gpr' && member.role === 'register' && member.declared !== null)
    .sort((a, b) => (a.index ?? 0) - (b.index ?? 0));
}

/** How many of the 32 the enum lacks. */
export function missingGprs(model: RegisterModel): number {
  return FULL_COUNT - enumGprs(model).length;
}

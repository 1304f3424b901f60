import type { RegisterMember } from '../../facts/registers/registerMember.js';
import { enumMembers } from '../../model/query/registers.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { GPRS } from '../../syntax/x86/registers.js';
import { FULL_COUNT, OLD_COUNT } from './counts.js';

/** The general-purpose registers that the enum declares, in the order of their numbers. */
export function enumGprs(model: RegisterModel): RegisterMember[] {
  return enumMembers(model)
    .filter((member) => member.class === 'gpr' && member.role === 'register' && member.declared !== null)
    .sort((a, b) => (a.index ?? 0) - (b.index ?? 0));
}

/** How many of the 32 the enum has yet to get. */
export function missingGprs(model: RegisterModel): number {
  return areKeptInXsave(model) ? 0 : FULL_COUNT - enumGprs(model).length;
}

/** What rules about the register cache leave alone. */
export const KEPT_IN_XSAVE = 'The register cache, where R16-R31 stay in XSAVE and KVM has accessors for them there.';

const EXTENDED: ReadonlySet<string> = new Set(GPRS.slice(OLD_COUNT));

/** Whether KVM reads or writes R16-R31 where XSAVE keeps them, so that the register cache has no need of them. */
export function areKeptInXsave({ registers }: RegisterModel): boolean {
  return registers.some(
    ({ register, member, owners }) =>
      member === null &&
      EXTENDED.has(register) &&
      owners.some(({ sync, load, store }) => sync === 'xsave' && load.length + store.length > 0),
  );
}

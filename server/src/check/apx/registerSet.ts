import { architecturalName } from '../../model/query/registers.js';
import { registerSets, setSpan } from '../../model/query/sets.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { GPRS } from '../../syntax/x86/registers.js';
import { finding, type Rule } from '../finding.js';
import { OLD_COUNT } from './counts.js';
import { areKeptInXsave, KEPT_IN_XSAVE } from './registerEnum.js';

const ID = 'apx/register-set';

/** Sets that name the registers one by one. */
export const registerSet: Rule = {
  id: ID,
  family: 'apx',
  severity: 'info',
  title: 'A set names the GPRs one by one, up to R15.',
  why: 'When the enum gets R16-R31, their bits are not in it: what is cleared or kept by the set treats them otherwise than RAX-R15.',
  exemptions: ['A set of a few GPRs, such as one that names those that are loaded lazily.', KEPT_IN_XSAVE],
  task: 'R16-R31 in sets that name each register',
  find: (model) =>
    (areKeptInXsave(model) ? [] : registerSets(model))
      .filter(({ members }) => endsAtR15(model, members))
      .map((set) =>
        finding(ID, setSpan(set), `${set.name} names each GPR up to R15: needs R16-R31 when the enum has them`),
      ),
};

/** R8 to R15: what names all of these means every GPR. */
const UPPER = GPRS.slice(OLD_COUNT / 2, OLD_COUNT);

/** Whether the registers are all that the instruction set had before APX, or those but a few that are kept elsewhere. */
export function areUpToR15(registers: ReadonlySet<string>): boolean {
  return UPPER.every((name) => registers.has(name)) && !GPRS.slice(OLD_COUNT).some((name) => registers.has(name));
}

function endsAtR15(model: RegisterModel, members: readonly string[]): boolean {
  return areUpToR15(new Set(members.map((member) => architecturalName(model, member))));
}

import { apxComponent } from '../../model/egpr/apxComponent.js';
import type { EgprRegister } from '../../model/egpr/egprRegister.js';
import { tellingFunctions, definitionSpan } from '../../model/query/functions.js';
import { userspaceStructs } from '../../model/query/registerNumbers.js';
import { membersOfStruct } from '../../model/query/cSymbols.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { finding, relatedPlace, type Finding, type RelatedPlace, type Rule } from '../finding.js';
import { areUpToR15 } from './registerSet.js';

const ID = 'apx/uabi';

/** Userspace's structs. */
export const uabi: Rule = {
  id: ID,
  family: 'apx',
  severity: 'info',
  title: 'A struct of the userspace interface has a member for each GPR up to R15.',
  why: 'Its layout is fixed. R16-R31 are in the APX component of KVM_GET_XSAVE and KVM_SET_XSAVE, which KVM fills from where it keeps them.',
  exemptions: [
    "Layouts that are hardware's or firmware's: VMSA, GHCB, arguments of the TDX module.",
    'A tree in which userspace has its way to them: APX in what guests may enable (KVM_SUPPORTED_XCR0), or R16-R31 in regs[] that are copied to and from its XSAVE buffer.',
  ],
  task: 'R16-R31 for userspace, in the APX component of KVM_GET_XSAVE and KVM_SET_XSAVE',
  find: (model) => (hasUserspacePath(model) ? [] : structs(model)),
};

/** Whether userspace gets and sets R16-R31: with the component that guests may enable, or by copies of regs[]. */
function hasUserspacePath({ registers, xsave }: RegisterModel): boolean {
  if (apxComponent(xsave).supported?.holdsComponent) return true;
  const ways = registers.flatMap(({ member, egpr }) => (member && egpr ? [egpr.userspace] : []));
  const isCopied = (userspace: EgprRegister['userspace']) =>
    userspace.some(({ to }) => to?.kind === 'userspace') && userspace.some(({ from }) => from?.kind === 'userspace');
  return ways.length > 0 && ways.every(isCopied);
}

function structs(model: RegisterModel): Finding[] {
  return userspaceStructs(model).flatMap((struct) => {
    const { name } = struct;
    const members = membersOfStruct(model, name) ?? [];
    if (!areUpToR15(new Set(members.map((member) => member.toUpperCase())))) return [];
    const message = `struct ${name} ends at r15 and can't grow: R16-R31 need the APX component of KVM_GET_XSAVE and KVM_SET_XSAVE`;
    return [finding(ID, struct, message, copiers(model, name))];
  });
}

/** The functions that copy its last register. */
function copiers(model: RegisterModel, struct: string): RelatedPlace[] {
  return tellingFunctions(model).flatMap((fn) => {
    const isCopier = fn.c.moves.some(({ from, to }) => [from, to].some((place) => place?.name === `${struct}.r15`));
    return isCopier ? relatedPlace(definitionSpan(fn), `copied in ${fn.name}`) : [];
  });
}

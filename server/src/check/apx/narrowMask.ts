import type { NumberMember } from '../../facts/regnum/numberMembers.js';
import type { NumberLink } from '../../facts/regnum/sources.js';
import {
  isOfCache,
  isRegisterMask,
  membersForRegisters,
  numbersOf,
  type InFile,
} from '../../model/query/registerNumbers.js';
import { enumMembers } from '../../model/query/registers.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { finding, relatedPlace, type Finding, type Rule } from '../finding.js';
import { FULL_COUNT } from './counts.js';
import { missingGprs } from './registerEnum.js';

const ID = 'apx/narrow-mask';

/** Masks of registers that are too narrow. */
export const narrowMask: Rule = {
  id: ID,
  family: 'apx',
  severity: 'info',
  title: 'A mask with one bit for each register has fewer bits than there are registers with APX.',
  why: `The emulator's masks need ${String(FULL_COUNT)} bits. The register cache's have a bit for each member of the enum, which R16-R31 make 16 more.`,
  exemptions: ['A bitmap that is declared with the number of registers: it grows.', 'Masks of anything else.'],
  task: '32 bits for masks of registers',
  find: (model) => narrowMasks(model).map((mask) => maskFinding(model, mask)),
};

/** The members that are masks and do not have a bit for each register. */
export function narrowMasks(model: RegisterModel): InFile<NumberMember>[] {
  return membersForRegisters(model).filter(
    ({ link, bits, dimension }) =>
      isRegisterMask(model, link) && dimension === null && bits !== null && bits < bitsNeeded(model, link),
  );
}

function bitsNeeded(model: RegisterModel, mask: NumberLink): number {
  if (!isOfCache(mask)) return FULL_COUNT;
  const last = Math.max(...enumMembers(model).map((member) => (member.role === 'count' ? -1 : (member.index ?? -1))));
  return last + 1 + missingGprs(model);
}

function maskFinding(model: RegisterModel, mask: InFile<NumberMember>): Finding {
  const { link, type, bits } = mask;
  const uses = numbersOf(model, 'bits').filter((bit) => bit.mask === link);
  const ofWhat = isOfCache(link) ? 'register of the cache' : 'GPR';
  const needed = String(bitsNeeded(model, link));
  const message = `${type}: ${String(bits)} bits, one for each ${ofWhat}; with R16-R31 it needs ${needed}`;
  return finding(
    ID,
    mask,
    message,
    uses.map((use) => relatedPlace(use, `\`${use.text}\``)),
  );
}

import type { NumberMember } from '../../facts/regnum/numberMembers.js';
import { placeOfStruct } from '../../model/query/backends.js';
import {
  isCacheArray,
  isIndexedByNumber,
  membersForRegisters,
  structOfMember,
} from '../../model/query/registerNumbers.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { EGPRS } from '../../syntax/x86/registers.js';
import { finding, type Rule } from '../finding.js';
import { isTooFew } from './counts.js';
import { areKeptInXsave, KEPT_IN_XSAVE } from './registerEnum.js';

const ID = 'apx/fixed-array';

/** Arrays with a slot for each of sixteen registers. */
export const fixedArray: Rule = {
  id: ID,
  family: 'apx',
  severity: 'info',
  title: 'An array that is indexed by the numbers of GPRs has no slots for R16-R31.',
  why:
    "Where R16-R31 are kept in it, or numbers from 16 on reach it, it needs 32. A layout that is not KVM's, such as the SMRAM state save map " +
    "(SDM vol. 3, 33.4.1), can't grow: what becomes of R16-R31 there is to be decided.",
  exemptions: [
    'Eight slots, of what only a 32-bit guest has.',
    'Arrays that are indexed by something else.',
    KEPT_IN_XSAVE,
  ],
  task: '32 slots, or a word on what becomes of R16-R31',
  find: (model) => {
    const isCacheEnough = areKeptInXsave(model);
    return membersForRegisters(model).flatMap((member) => {
      const { link, dimension } = member;
      if (isCacheEnough && isCacheArray(link)) return [];
      if (!isIndexedByNumber(model, link) || !dimension || !isTooFew(dimension.count)) return [];
      return [finding(ID, member, messageOf(model, member, dimension))];
    });
  },
};

function messageOf(
  model: RegisterModel,
  { link }: NumberMember,
  { text, count }: NonNullable<NumberMember['dimension']>,
): string {
  const slots = text === String(count) ? `${text} slots` : `${String(count)} slots (${text})`;
  // Older caches have a slot for RIP as well.
  const all = String((count ?? EGPRS.size) + EGPRS.size);
  const needed =
    placeOfStruct(model, structOfMember(link))?.kind === 'smram'
      ? "and the layout is not KVM's"
      : `needs ${all} for those`;
  return `${slots} by the number of a GPR: none for R16-R31, ${needed}`;
}

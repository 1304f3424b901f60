import type { NumberMember } from '../../facts/regnum/numberMembers.js';
import { structMember, type NumberLink } from '../../facts/regnum/sources.js';
import { CACHE_STRUCT } from '../../facts/symbols/cacheNames.js';
import type { RegisterModel } from '../../model/registerModel.js';
import type { Finding, Rule } from '../finding.js';
import { numbersOf, membersOf, FULL_COUNT, type InFile } from './narrowFiles.js';
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
  find: (model) => narrowMasks(model).map((mask) => maskFinding(model, mask)),
};

/** The members that are masks and do not have a bit for each register. */
export function narrowMasks(model: RegisterModel): InFile<NumberMember>[] {
  return membersOf(model).filter(
    ({ link, bits, dimension }) =>
      model.numbers().carriers.masks.has(link) && dimension === null && bits !== null && bits < needed(model, link),
  );
}

function isOfCache(mask: NumberLink): boolean {
  return mask.startsWith(structMember(CACHE_STRUCT, ''));
}

function needed(model: RegisterModel, mask: NumberLink): number {
  if (!isOfCache(mask)) return FULL_COUNT;
  const { members } = model.symbols.registers;
  const last = Math.max(...members.map((member) => (member.role === 'count' ? -1 : (member.index ?? -1))));
  return last + 1 + missingGprs(model);
}

function maskFinding(model: RegisterModel, { file, start, end, link, type, bits }: InFile<NumberMember>): Finding {
  const uses = numbersOf(model, 'bits').filter((bit) => bit.mask === link);
  const ofWhat = isOfCache(link) ? 'register of the cache' : 'GPR';
  return {
    rule: ID,
    file,
    span: { start, end },
    message: `${type}: ${String(bits)} bits, one for each ${ofWhat}; with R16-R31 it needs ${String(needed(model, link))}`,
    related: uses.map((use) => ({
      file: use.file,
      span: { start: use.start, end: use.end },
      message: `\`${use.text}\``,
    })),
  };
}

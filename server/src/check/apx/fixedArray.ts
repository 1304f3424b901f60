import type { Rule } from '../finding.js';
import { factsOf, isTooFew } from './narrowFiles.js';

const ID = 'apx/fixed-array';

/** Arrays with a slot for each of sixteen registers. */
export const fixedArray: Rule = {
  id: ID,
  family: 'apx',
  severity: 'info',
  title: 'An array that is indexed by the numbers of GPRs has no slots for R16-R31.',
  why: 'Where R16-R31 are kept in it, or numbers from 16 on reach it, it needs 32. The SMRAM state save map is not KVM\'s to extend (SDM vol. 3, 33.4.1): R16-R31 stay in registers or XSAVE there.',
  exemptions: ['Eight slots, of what only a 32-bit guest has.', 'Arrays that are indexed by something else.'],
  find: (model) =>
    factsOf(model, 'members').flatMap(({ file, start, end, link, dimension }) => {
      if (!model.vocabulary.carriers.arrays.has(link) || !isTooFew(dimension?.count ?? null)) return [];
      const count = dimension?.name === null ? '' : `${dimension?.text ?? ''}, `;
      const message = `${count}${String(dimension?.count)} slots, by the number of a GPR: none for R16-R31`;
      return [{ rule: ID, file, span: { start, end }, message, related: [] }];
    }),
};

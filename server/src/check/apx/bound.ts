import { numbersOf } from '../../model/query/registerNumbers.js';
import { memberNamed } from '../../model/query/registers.js';
import { finding, type Rule } from '../finding.js';
import { isTooFew } from './counts.js';
import { areKeptInXsave, KEPT_IN_XSAVE } from './registerEnum.js';

const ID = 'apx/bound';

/** Limits on numbers of registers. */
export const bound: Rule = {
  id: ID,
  family: 'apx',
  severity: 'info',
  title: 'A check, a mask or a loop ends at the sixteenth GPR.',
  why: "A number from 16 on is taken for a bug, or cut to another register's; a loop leaves R16-R31 out. A limit that has a name grows with what it names.",
  exemptions: [
    'Eight registers, of what only a 32-bit guest has (PUSHA, SMRAM of a 32-bit guest).',
    'Comparisons of anything but the number of a GPR, and loops in which none is used.',
    KEPT_IN_XSAVE,
  ],
  task: 'limits that let R16-R31 through',
  find: (model) => {
    const isCacheEnough = areKeptInXsave(model);
    return numbersOf(model, 'bounds').flatMap((limit) => {
      const { count, text, name } = limit;
      if (!isTooFew(count) || (isCacheEnough && memberNamed(model, name) !== null)) return [];
      const needed = name === null ? '; needs 32, or a way of their own' : ` until ${name} counts them`;
      const message = `room for ${String(count)} (${text}): R16-R31 are left out${needed}`;
      return [finding(ID, limit, message)];
    });
  },
};

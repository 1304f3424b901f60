import { wordIn } from '../../model/query/functions.js';
import { setSpan, setUses, type SetUse } from '../../model/query/sets.js';
import { sourceOf } from '../../model/query/text.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { finding, relatedPlace, type Finding, type Fix, type Rule } from '../finding.js';
import { isInverted } from './laziness.js';

const ID = 'tracking/set-inverted';

/** A set of registers that is cleared the wrong way round. */
export const setInverted: Rule = {
  id: ID,
  family: 'tracking',
  severity: 'warning',
  title: 'A set of registers is cleared from the avail bits the wrong way round.',
  why: 'A set that names what is loaded on demand has to be cleared (`regs_avail &= ~SET`), one that names what stays available has to be kept. Inverted, lazy registers keep old values, and eager ones are asked for that no callback can fetch.',
  exemptions: [
    'A set that names what stays available, as TDX has it: it is kept, and all others are cleared.',
    'A set of what another backend loads on demand: the callback answers for what its own cannot load.',
    'Assignments that clear nothing (`|=`).',
  ],
  find: (model) => {
    const uses = setUses(model);
    const inverted = uses.filter((use) => isInverted(model, use));
    // Where every use by way of one function is inverted, it is that function that is wrong.
    const isWhole = ({ by }: SetUse) =>
      by !== null && uses.filter((use) => use.by === by).every((use) => inverted.includes(use));
    const wrong = new Set(inverted.filter(isWhole).flatMap(({ by }) => by ?? []));
    const several = [...wrong].filter((by) => uses.filter((use) => use.by === by).length > 1);
    return [
      ...several.map(({ fn, offset }) => {
        const message = `${fn.name} clears the avail bits the wrong way round: what its callers name stays available, and all others are cleared`;
        const given = inverted.filter(({ by }) => by?.fn === fn);
        const related = given.map(({ span }) => relatedPlace(span, 'a set that it is given'));
        return finding(ID, wordIn(model, fn, offset), message, related);
      }),
      ...inverted.filter(({ by }) => by === null || !several.includes(by)).map(useFinding),
    ];
  },
  fixes: withoutComplement,
};

/** A `~` that is written before the set is one too many. */
function withoutComplement(model: RegisterModel, { file, span }: Finding): Fix[] {
  const before = /~\s*$/.exec(sourceOf(model, file)?.text.slice(0, span.start) ?? '');
  if (!before) return [];
  return [{ title: 'Remove the ~', edits: [{ file, span: { start: before.index, end: span.start }, text: '' }] }];
}

function useFinding({ span, set, cleared }: SetUse): Finding {
  const name = set?.name ?? 'The mask';
  const message =
    cleared === 'others'
      ? `${name} names what is loaded on demand, but here all others are made unavailable: the mask is the wrong way round`
      : `${name} names what stays available, but here just that is made unavailable: the mask is the wrong way round`;
  return finding(ID, span, message, set ? [relatedPlace(setSpan(set), 'the set')] : []);
}

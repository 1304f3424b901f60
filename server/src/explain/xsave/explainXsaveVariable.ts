import type { RegisterModel } from '../../model/registerModel.js';
import type { XsaveVariable } from '../../model/query/xsaveVariables.js';
import { fewLines, lineEvidence } from '../evidence.js';
import { code, joinPhrases, statement, strong, type Explanation } from '../explanation.js';
import { shownStorage } from '../explainRegister.js';

/** A variable for one of XSAVE's control registers: what it is set from, where it goes. */
export function explainXsaveVariable(
  model: RegisterModel,
  name: string,
  { fn, state, from, to }: XsaveVariable,
): Explanation {
  const placesOf = (sites: XsaveVariable['from']) =>
    joinPhrases([...new Set(sites.map((site) => site.name))].map((place) => code(shownStorage(place))));
  return {
    subject: { kind: 'place', name },
    answer: statement(
      [
        strong(name),
        `: a value for the guest's ${state}`,
        ...(from.length > 0 ? [', set from ', ...placesOf(from)] : []),
        ...(to.length > 0 ? ['; written to ', ...placesOf(to)] : []),
      ],
      fewLines([...from, ...to].map(({ offset }) => lineEvidence(model, fn.file, offset))),
    ),
    owners: [],
    notes: [],
  };
}

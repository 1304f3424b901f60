import { isIndexedByNumber, membersForRegisters, numbersOf } from '../../model/query/registerNumbers.js';
import { declarationOf } from '../../model/query/registers.js';
import { macroNamed, macroSpan } from '../../model/query/cSymbols.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { finding, relatedPlace, type Finding, type RelatedPlace, type Rule } from '../finding.js';
import { FULL_COUNT, isTooFew } from './counts.js';
import { enumGprs, KEPT_IN_XSAVE, missingGprs } from './registerEnum.js';

const ID = 'apx/gpr-count';

/** What says how many registers there are. */
export const gprCount: Rule = {
  id: ID,
  family: 'apx',
  severity: 'info',
  title: 'The register enum, or a macro that arrays and limits of GPRs are made by, counts fewer than 32.',
  why:
    'The enum needs R16-R31 where the register cache is to track them (in the world switch, or beside the XCR0 switch), and does not where XSAVE stays their ' +
    'home and accessors reach them there. The emulator needs their numbers either way.',
  exemptions: [
    'A count that no array of GPRs and no limit on their numbers uses.',
    'The count of a 32-bit kernel.',
    KEPT_IN_XSAVE,
  ],
  task: 'a count of 32',
  find: (model) => [...macros(model), ...registerEnum(model)],
};

function macros(model: RegisterModel): Finding[] {
  const users = new Map<string, RelatedPlace[]>();
  const add = (name: string | null, count: number | null, place: RelatedPlace) => {
    if (name === null || !isTooFew(count)) return;
    users.set(name, [...(users.get(name) ?? []), place]);
  };
  for (const array of membersForRegisters(model)) {
    const { link, dimension } = array;
    if (dimension && isIndexedByNumber(model, link))
      add(dimension.name, dimension.count, relatedPlace(array, 'an array of so many'));
  }
  for (const limit of numbersOf(model, 'bounds')) add(limit.name, limit.count, relatedPlace(limit, 'a limit by it'));
  return [...users].flatMap(([name, related]) => {
    const macro = macroNamed(model, name);
    if (!macro) return [];
    const message = `${name} counts ${macro.definition.body.map((token) => token.text).join(' ')} GPRs; needs ${String(FULL_COUNT)}`;
    return [finding(ID, macroSpan(macro), message, related)];
  });
}

function registerEnum(model: RegisterModel): Finding[] {
  const last = enumGprs(model).at(-1);
  const declared = last && declarationOf(last);
  if (!declared || missingGprs(model) === 0) return [];
  const message = `${last.name} is the last GPR of the enum: no R16-R31; needed where regs[] is to track them, not where XSAVE stays their home`;
  return [finding(ID, declared, message)];
}

import type { RegisterModel } from '../../model/registerModel.js';
import type { Finding, RelatedPlace, Rule } from '../finding.js';
import { numbersOf, membersOf, FULL_COUNT, isTooFew } from './narrowFiles.js';
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
  find: (model) => [...macros(model), ...registerEnum(model)],
};

function macros(model: RegisterModel): Finding[] {
  const users = new Map<string, RelatedPlace[]>();
  const add = (name: string | null, count: number | null, place: RelatedPlace) => {
    if (name === null || !isTooFew(count)) return;
    users.set(name, [...(users.get(name) ?? []), place]);
  };
  for (const { file, start, end, dimension, link } of membersOf(model))
    if (model.numbers().carriers.arrays.has(link))
      add(dimension?.name ?? null, dimension?.count ?? null, {
        file,
        span: { start, end },
        message: 'an array of so many',
      });
  for (const { file, start, end, name, count } of numbersOf(model, 'bounds'))
    add(name, count, { file, span: { start, end }, message: 'a limit by it' });
  return [...users].flatMap(([name, related]) => {
    const macro = model.symbols.macros.get(name);
    if (!macro) return [];
    const start = macro.definition.nameStart;
    const message = `${name} counts ${macro.definition.body.map((token) => token.text).join(' ')} GPRs; needs ${String(FULL_COUNT)}`;
    return [{ rule: ID, file: macro.file, span: { start, end: start + name.length }, message, related }];
  });
}

function registerEnum(model: RegisterModel): Finding[] {
  const last = enumGprs(model).at(-1);
  if (!last?.declared || missingGprs(model) === 0) return [];
  const { offset: start, name, declared } = last;
  const message = `${name} is the last GPR of the enum: no R16-R31; needed where regs[] is to track them, not where XSAVE stays their home`;
  return [{ rule: ID, file: declared.file, span: { start, end: start + name.length }, message, related: [] }];
}

import { callHere } from '../model/query/callsHere.js';
import type { FileSpan } from '../model/query/text.js';
import type { RegisterModel } from '../model/registerModel.js';
import { code, type Phrase } from './explanation.js';
import { placePhrases } from './transferPhrases.js';
import { wordsOf } from './words.js';

/** Characters of an argument that a first line has room for. */
const LONGEST_VALUE = 60;

/** Arguments that a first line has room for. */
const MOST_VALUES = 3;

/** What a call does with a register where it stands: `RFLAGS given X86_EFLAGS_FIXED here`, `RFLAGS goes to regs->rflags here`; nothing for a name that is called nowhere there. */
export function herePhrases(model: RegisterModel, { file, start }: FileSpan, name: string): Phrase[] {
  const here = callHere(model, file, start, name);
  if (!here) return [];
  if (here.kind === 'segment') return [`${here.segment} here`];
  if (here.kind === 'read') return [`${here.register.register} read here`];
  if (here.kind === 'debug') return [`${here.register} goes to `, code(here.target), ' here'];
  if (here.kind === 'given') {
    const shown = here.values.filter(({ value }) => value.length <= LONGEST_VALUE).slice(0, MOST_VALUES);
    return shown.flatMap(({ register, value }, i): Phrase[] => [
      `${i === 0 ? '' : ', '}${register} given `,
      code(value),
      ...(i === shown.length - 1 ? [' here'] : []),
    ]);
  }
  const text = here.target;
  if (text.length > LONGEST_VALUE) return [];
  const { register } = here.register;
  if (here.place) return [`${register} goes to `, ...placePhrases(wordsOf(model), here.place), ' here'];
  return [`${here.isAddress ? 'the address of ' : ''}${register} goes to `, code(text), ' here'];
}

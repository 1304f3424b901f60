import { placeTables } from '../backends/registry.js';
import { argumentTexts } from '../model/query/callText.js';
import { guardsOfStatement } from '../model/query/statementGuards.js';
import { sourceOf, type FileSpan } from '../model/query/text.js';
import type { RegisterModel } from '../model/registerModel.js';
import { conditionPhrases } from './conditionPhrases.js';
import { code, type Phrase } from './explanation.js';
import { memberUsePhrases } from './memberUse.js';

/** Characters of a value that the first line has room for. */
const LONGEST = 40;

/** Characters before a field in which the function stands that is given it. */
const NEAR = 40;

/** What a statement does with a field that is no register's place: `; written here with nested_read_cr0(vmcs12)`, `; read here`; nothing for a mere mention. */
export function fieldUsePhrases(model: RegisterModel, at: FileSpan): Phrase[] {
  const text = sourceOf(model, at.file)?.text ?? '';
  const done = accessPhrases(model, text, at) ?? memberUsePhrases(text, at);
  return done.length === 0 ? [] : [...done, ...conditionPhrases(model, guardsOfStatement(model, at.file, at.start))];
}

/** Of a constant that a function is given which reads or writes the field. */
function accessPhrases({ symbols }: RegisterModel, text: string, { start }: FileSpan): Phrase[] | null {
  const from = Math.max(0, start - NEAR);
  const callee = /(?<!\w)(\w+)\(\s*$/.exec(text.slice(from, start));
  if (!callee) return null;
  const access = placeTables(symbols.backends).functionNamed(callee[1] ?? '');
  if (access?.field !== 0) return null;
  if (access.access === 'read') return ['; read here'];
  const name = from + callee.index;
  const value = access.value === null ? undefined : argumentTexts(text, name)[access.value];
  return value === undefined || value.length > LONGEST ? ['; written here'] : ['; written here with ', code(value)];
}

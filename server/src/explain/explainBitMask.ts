import { usersOf, type BitMask } from '../model/query/bitMasks.js';
import { functionAt } from '../model/query/functions.js';
import { sourceOf, type FileSpan } from '../model/query/text.js';
import type { RegisterModel } from '../model/registerModel.js';
import { code, statement, strong, type Explanation, type Phrase } from './explanation.js';
import { functionsNotes } from './writerNotes.js';

/** Functions that a note has room for. */
const MOST_USERS = 5;

/** Several bits of a control register by one name: which, what is done with them where it stands, and who uses them. */
export function explainBitMask(model: RegisterModel, at: FileSpan, mask: BitMask): Explanation {
  const text = sourceOf(model, at.file)?.text ?? '';
  const name = text.slice(at.start, at.end);
  return {
    subject: { kind: 'member', name },
    answer: statement([strong(name), ': ', ...whatItIs(mask), ...usePhrases(model, text, at)]),
    owners: [],
    notes: mask.value === null ? functionsNotes(model, 'Used by ', usersOf(model, mask), MOST_USERS) : [],
  };
}

function whatItIs({ register, bits, value }: BitMask): Phrase[] {
  const names = bits.join(' ');
  if (value === null) return [`${bits.length > 1 ? 'bits' : 'a bit'} of ${register}: ${names}`];
  return [`bits of ${register}, at most ${names}: `, code(value)];
}

/** `; taken out of vcpu->arch.cr4_guest_owned_bits here`, `; put into it here`; nothing for any other use. */
function usePhrases(model: RegisterModel, text: string, { file, start, end }: FileSpan): Phrase[] {
  const fn = functionAt(model, file, start);
  if (!fn || !/^\s*;/.test(text.slice(end, end + 4))) return [];
  const [, target, operator] = CHANGED.exec(text.slice(Math.max(fn.start, start - LONGEST_TARGET), start)) ?? [];
  if (target === undefined || operator === undefined) return [];
  if (operator.startsWith('&=')) return ['; taken out of ', code(target), ' here'];
  return [operator === '=' ? '; given to ' : '; put into ', code(target), ' here'];
}

/** Characters of what a mask changes, with the operator. */
const LONGEST_TARGET = 80;

/** `vcpu->arch.cr4_guest_owned_bits &= ~` */
const CHANGED = /(?<![\w.>])([a-z]\w*(?:(?:->|\.)\w+)*)\s*(&=\s*~|\|=|=)\s*$/;

import type { Place } from '../backends/place.js';
import type { Transfer } from '../backends/transfer.js';
import type { Reference } from '../facts/registers/reference.js';
import { transfersOfStatement } from '../model/query/transfers.js';
import type { Register } from '../model/registerModel.js';
import { code, type Phrase } from './explanation.js';
import { PHASE_WORDS, type Words } from './words.js';

/** The transfer that a reference is part of: the one that its statement does. */
function transferAt(path: string, { statement }: Reference, register: Register): Transfer | undefined {
  return transfersOfStatement(register, path, statement).find(({ from, to }) => from !== null && to !== null);
}

/** What is merged into a register's old value. */
export function changePhrases(words: Words, path: string, reference: Reference, register: Register): Phrase[] {
  const transfer = transferAt(path, reference, register);
  if (!transfer?.from || transfer.other === '') return [];
  return [', by ', code(transfer.other), ', from ', ...placePhrases(words, transfer.from)];
}

/** Where a written register comes from. */
export function origin(words: Words, path: string, reference: Reference, register: Register): Phrase[] {
  const transfer = transferAt(path, reference, register);
  if (!transfer?.from || transfer.from.kind === 'cache') return [];
  return [', from ', ...placePhrases(words, transfer.from), PHASE_WORDS[transfer.phase].aside];
}

/** Where a register that is read goes. */
export function destination(words: Words, path: string, reference: Reference, register: Register): Phrase[] {
  const transfer = transferAt(path, reference, register);
  if (!transfer?.to || transfer.to.kind === 'cache') return [];
  return [', to ', ...placePhrases(words, transfer.to), PHASE_WORDS[transfer.phase].aside];
}

/** A place in words. */
export function placePhrases({ place: wordsFor }: Words, place: Place): Phrase[] {
  const which = place.which === undefined ? '' : `${place.which} `;
  return [
    `${wordsFor(place.kind).lead}${which}`,
    place.kind === 'memory' && !place.name.includes('.') ? place.name : code(place.name),
  ];
}

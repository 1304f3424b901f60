import type { Phase } from '../backends/phase.js';
import type { Place } from '../backends/place.js';
import type { Transfer } from '../backends/transfer.js';
import type { Reference } from '../facts/registers/reference.js';
import { transfersOfStatement } from '../model/query/transfers.js';
import { functionNamed, toldPhase } from '../model/query/functions.js';
import { handedTo } from '../model/query/handedCalls.js';
import { valueAbove } from '../model/query/valueAbove.js';
import type { Register, RegisterModel } from '../model/registerModel.js';
import { code, type Phrase } from './explanation.js';
import { isIntoL2, ownerOfNested } from './nestedWords.js';
import { PHASE_WORDS, wordsOf, type Words } from './words.js';

/** The transfer that a reference is part of: the one that its statement does. */
function transferAt(path: string, { statement }: Reference, register: Register): Transfer | undefined {
  return transfersOfStatement(register, path, statement).find(({ from, to }) => from !== null && to !== null);
}

/** What is merged into a register's old value. */
export function changePhrases(words: Words, path: string, reference: Reference, register: Register): Phrase[] {
  const transfer = transferAt(path, reference, register) ?? valueAt(path, reference, register);
  if (!transfer || transfer.other === '') return [];
  const from: Phrase[] = transfer.from ? [', from ', ...placePhrases(words, transfer.from)] : [];
  return [', by ', code(transfer.other), ...from, ...partOf(transfer.other)];
}

/** CR0's and CR4's bits that the guest may change without an exit are the only ones that hardware knows better. */
export function partOf(other: string): Phrase[] {
  return other.includes('guest_owned_bits') ? [', its guest-owned bits only'] : [];
}

/** What gives a register a value that comes from no place: a constant, a variable. */
function valueAt(path: string, { statement }: Reference, register: Register): Transfer | undefined {
  return transfersOfStatement(register, path, statement).find(
    ({ from, to }) => from === null && (to?.kind === 'cache' || to?.kind === 'emulator'),
  );
}

/** Characters of an expression that a first line has room for. */
const LONGEST_VALUE = 40;

/** Where a written register comes from. */
export function origin(model: RegisterModel, path: string, reference: Reference, register: Register): Phrase[] {
  const words = wordsOf(model);
  const transfer = transferAt(path, reference, register);
  if (!transfer?.from) {
    const given = valueAt(path, reference, register);
    return given ? [...valuePhrases(model, path, given), given.phase === 'reset' ? PHASE_WORDS.reset.aside : ''] : [];
  }
  if (transfer.from.kind === 'cache') return [];
  return [', from ', ...placePhrases(words, transfer.from), ...momentPhrases(model, transfer)];
}

/** `, with rip, which is orig_rip + 3` */
function valuePhrases(model: RegisterModel, path: string, { other, offset }: Transfer): Phrase[] {
  if (other === '' || other.length > LONGEST_VALUE) return [];
  const value = valueAbove(model, path, offset, other);
  return [', with ', code(other), ...(value === null ? [] : [', which is ', code(value)])];
}

/** When a reference's transfer is done, where that deserves a word. */
function momentPhrases(model: RegisterModel, transfer: Transfer): Phrase[] {
  const isNested = [transfer.from, transfer.to].some((place) => place?.kind === 'nested' || place?.which !== undefined);
  if (transfer.phase === 'nested' && isNested) return [`, at nested ${isIntoL2(transfer) ? 'VM-entry' : 'VM-exit'}`];
  const node = functionNamed(model, transfer.function, transfer.file);
  return [asideOf(toldPhase(model, node, transfer.phase), transfer.from)];
}

/** The moment in words, where it deserves some; what is read from SMRAM's state save map, RSM reads. */
export function asideOf(phase: Phase, from: Place | null): string {
  return phase === 'smm' && from?.kind === 'smram' ? ', by RSM' : PHASE_WORDS[phase].aside;
}

/** Where a register that is read goes. */
export function destination(model: RegisterModel, path: string, reference: Reference, register: Register): Phrase[] {
  const words = wordsOf(model);
  const transfer = transferAt(path, reference, register);
  if (!transfer) {
    const target = valueTarget(readAt(path, reference, register)?.other ?? '');
    const callee = target.length > 0 ? null : handedTo(model, path, reference.start);
    return callee === null ? target : [', handed to ', code(callee)];
  }
  if (!transfer.to || transfer.to.kind === 'cache') return [];
  return [', to ', ...placePhrases(words, transfer.to), ...momentPhrases(model, transfer)];
}

/** A read of the cache whose value goes to no place, if it is the statement's only one. */
function readAt(path: string, { statement, start }: Reference, register: Register): Transfer | null {
  const reads = transfersOfStatement(register, path, statement).filter(
    ({ from, to }) => from?.kind === 'cache' && to === null,
  );
  const [only, another] = reads;
  return reads.find(({ offset }) => offset === start) ?? (only && !another ? only : null);
}

/** Where a value goes that is no place: `, to ctxt->eip`; nothing for one that is used in an expression, and for a long name. */
function valueTarget(variable: string): Phrase[] {
  return variable === '' || variable.length > LONGEST_VALUE ? [] : [', to ', code(variable)];
}

/** A place in words. */
export function placePhrases({ place: wordsFor }: Words, place: Place): Phrase[] {
  const { lead } = wordsFor(place.kind);
  if (place.kind === 'memory' && !place.name.includes('.')) return [`${lead}${place.name}`];
  if (place.kind === 'nested') return [`${lead}${ownerOfNested(place)} `, code(place.name)];
  const which = place.which === undefined ? '' : `${place.which} `;
  return [`${lead}${which}`, code(shownField(place.name))];
}

/** A field where there is little room: several members of one struct as `save.*`, those of VMX' table of segments by what they are. */
export function shortField(name: string): string {
  return /^\w*segment_fields\[/.test(name) ? 'segment fields' : shownField(name.replace(/^([^{]*)\{.*\}$/, '$1*'));
}

/** A field as a reader knows it: of VMX' table of segments' fields, by what it is and not by the table. */
export function shownField(name: string): string {
  return name.replace(/\b\w*segment_fields\[\w*\]/g, 'GUEST_<segment>').replace(/^_regs\[/, 'ctxt->_regs[');
}

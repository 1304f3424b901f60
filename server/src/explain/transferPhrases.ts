import type { Reference } from '../facts/registers/references.js';
import type { Place } from '../facts/registers/places.js';
import type { ModelFile, Register, Transfer } from '../model/registerModel.js';
import { code, type Phrase } from './explanation.js';

/** The transfer that a reference is part of: the one that its statement does. */
function transferAt(file: ModelFile, { statement }: Reference, { transfers }: Register): Transfer | undefined {
  return transfers.find(
    (t) => t.file === file.source.path && t.statement === statement && t.from !== null && t.to !== null,
  );
}

/** What is merged into a register's old value. */
export function change(file: ModelFile, reference: Reference, register: Register): Phrase[] {
  const transfer = transferAt(file, reference, register);
  if (!transfer?.from || transfer.other === '') return [];
  return [', by ', code(transfer.other), ', from ', ...placePhrases(transfer.from)];
}

/** Where a written register comes from. */
export function origin(file: ModelFile, reference: Reference, register: Register): Phrase[] {
  const transfer = transferAt(file, reference, register);
  if (!transfer?.from || transfer.from.kind === 'cache') return [];
  return [', from ', ...placePhrases(transfer.from), ...momentOf(transfer)];
}

/** Where a register that is read goes. */
export function destination(file: ModelFile, reference: Reference, register: Register): Phrase[] {
  const transfer = transferAt(file, reference, register);
  if (!transfer?.to || transfer.to.kind === 'cache') return [];
  return [', to ', ...placePhrases(transfer.to), ...momentOf(transfer)];
}

/** Moments that are not VM-entry, VM-exit or a reader's need, and so deserve a word. */
function momentOf(transfer: Transfer): Phrase[] {
  const words: Partial<Record<Transfer['phase'], string>> = {
    smm: ', for an SMI',
    nested: ', for nested virtualization',
    launch: ', before launch',
    reset: ', at reset',
  };
  const word = words[transfer.phase];
  return word === undefined ? [] : [word];
}

/** A place in words. */
export function placePhrases(place: Place): Phrase[] {
  const titles: Partial<Record<Place['kind'], string>> = {
    vmcs: 'VMCS ',
    vmcb: 'VMCB ',
    ghcb: 'the GHCB, ',
    vmsa: 'the VMSA, ',
    tdx: 'the TDX argument ',
    userspace: 'userspace, ',
    smram: 'SMRAM, ',
    nested: 'nested state, ',
    emulator: "the emulator's copy, ",
    hardware: 'hardware ',
    memory: '',
  };
  const which = place.which === undefined ? '' : `${place.which} `;
  return [
    `${titles[place.kind] ?? ''}${which}`,
    place.kind === 'memory' && !place.name.includes('.') ? place.name : code(place.name),
  ];
}

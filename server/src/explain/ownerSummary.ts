import type { Owner } from '../backends/owner.js';
import type { Place } from '../backends/place.js';
import type { Transfer } from '../backends/transfer.js';
import type { Register, RegisterModel, RegisterOwner } from '../model/registerModel.js';
import { egprSummary } from './egprSummary.js';
import { wordsOf, type Words } from './words.js';

/** One plain sentence, or a few for R16-R31, that says where a register is for a backend, and how it gets to the cache and back. */
export function ownerSummary(model: RegisterModel, { register, egpr }: Register, owner: RegisterOwner): string {
  const words = wordsOf(model);
  return egpr ? egprSummary(words, egpr, owner) : summaryOf(words, register, owner);
}

function summaryOf(words: Words, name: string, owner: Owner): string {
  const { place, load, store } = owner;
  switch (owner.sync) {
    case 'switched':
      return `${name} is in hardware while the guest runs; ${loadAndStoreText(stepText(load, 'stored to the cache', 'after VM-exit'), stepText(store, 'loaded from it', 'before VM-entry'))}.`;
    case 'eager':
      return `${name} is in ${fieldText(words, place)}; ${loadAndStoreText(stepText(load, 'copied to the cache', 'at every VM-exit'), stepText(store, 'copied back', 'at VM-entry'))}.`;
    case 'lazy':
      return `${name} is in ${place.kind === 'memory' ? place.name : fieldText(words, place)}, read when needed${inFunction(load)}; ${writeBackText(store)}.`;
    case 'direct':
      return `${name} is in ${fieldText(words, place)} and is not cached: each access goes there.`;
    case 'intercepted':
      return `The cache owns ${name}: guest writes trap; ${store.length > 0 ? `KVM sets hardware's copy${inFunction(store)}` : "hardware runs with KVM's own value"}.`;
    case 'partial':
      return partialSummary(words, name, owner);
    case 'protected':
      return `${name} ${words.place(place.kind).hidden ?? 'is not visible to KVM'}${store.length > 0 ? `; written once, before launch${inFunction(store)}` : ''}.`;
    case 'xsave':
      return `${name} lives in the XSAVE component ${place.name}; KVM has no storage for it.`;
    case 'none':
      return `${name} is not tracked here.`;
  }
}

/** `the VMCS GUEST_RSP`. */
function fieldText(words: Words, { kind, name }: Place): string {
  const { lead } = words.place(kind);
  return `${lead.startsWith('the ') ? '' : 'the '}${lead}${name}`;
}

function partialSummary(words: Words, name: string, { place, load, store }: Owner): string {
  const isAnswered = store.some((t) => t.to?.kind === place.kind);
  const by = inFunction(load.length > 0 ? load : store);
  return `${name} ${words.place(place.kind).passing?.sentence(place.name, by, isAnswered) ?? 'passes through a protocol'}.`;
}

function inFunction(transfers: readonly Transfer[]): string {
  const [first] = transfers;
  return first ? ` by ${first.function}` : '';
}

function stepText(transfers: readonly Transfer[], what: string, when: string): string | null {
  const [first] = transfers;
  return first ? `${what} ${when} by ${first.function}` : null;
}

function loadAndStoreText(load: string | null, store: string | null): string {
  if (load === null) return `${store ?? 'never copied'}, but never the other way`;
  return store === null ? `${load}, but never written back` : `${load}, ${store}`;
}

function writeBackText(store: readonly Transfer[]): string {
  const back = store.find((t) => t.phase === 'vm-entry');
  if (back) return `written back at VM-entry${back.isIfDirty ? ' if dirty' : ''} by ${back.function}`;
  const [through] = store;
  return through ? `written through by ${through.function}` : 'never written back';
}

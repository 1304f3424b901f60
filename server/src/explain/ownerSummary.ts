import { isWhileRunning, type Owner, type Reason } from '../backends/owner.js';
import type { Place } from '../backends/place.js';
import type { Transfer } from '../backends/transfer.js';
import type { Register, RegisterModel, RegisterOwner } from '../model/registerModel.js';
import { egprSummary } from './egprSummary.js';
import { mainSetter } from './mainSetter.js';
import { shownField } from './transferPhrases.js';
import { isOwnValue, OWN_VALUE, setWords, trapWords } from './trapWords.js';
import { firstReason, reasonText } from './unknownWords.js';
import { wordsOf, type Words } from './words.js';

/** One plain sentence, or a few for R16-R31, that says where a register is for a backend, and how it gets to the cache and back. */
export function ownerSummary(model: RegisterModel, { register, egpr }: Register, owner: RegisterOwner): string {
  const words = wordsOf(model);
  return egpr ? egprSummary(words, egpr, owner) : summaryOf(words, register, owner);
}

function summaryOf(words: Words, name: string, owner: Owner): string {
  const { place, store } = owner;
  switch (owner.sync) {
    case 'switched':
      return `${name} is in hardware while the guest runs; ${loadAndStoreText(SWITCHED, owner)}.`;
    case 'eager':
      return `${name} is in ${fieldText(words, place)}; ${loadAndStoreText(COPIED, owner)}.`;
    case 'lazy':
      return `${name} is in ${place.kind === 'memory' ? place.name : fieldText(words, place)}, ${readText(owner)}; ${writeBackText(owner)}.`;
    case 'direct':
      return `${name} is in ${fieldText(words, place)} and is not cached: each access goes there.`;
    case 'intercepted':
      return `The cache owns ${name}: ${trapWords(name)}; ${hardwareText(name, store)}.`;
    case 'partial':
      return partialSummary(words, name, owner);
    case 'protected':
      return `${name} ${words.place(place.kind).hidden ?? 'is not visible to KVM'}${launchText(store)}.`;
    case 'xsave':
      return `${name} lives in the XSAVE component ${place.name}; KVM has no storage for it.`;
    case 'none':
      return `${name} is not tracked here.`;
    case 'unknown':
      return `How ${name} gets to the cache and back is not known: ${unknownText(owner)}.${foundText(owner)}`;
  }
}

/** `the VMCS GUEST_RSP`; a place of several fields that have no name together is a list of them. */
function fieldText(words: Words, { kind, name }: Place): string {
  const { lead } = words.place(kind);
  const fields = shownField(name).split(' ').join(', ');
  return `${lead.startsWith('the ') ? '' : 'the '}${lead}${fields}`;
}

function partialSummary(words: Words, name: string, { place, load, store }: Owner): string {
  const isAnswered = store.some((t) => t.to?.kind === place.kind);
  const by = inFunction(load.length > 0 ? load : store);
  return `${name} ${words.place(place.kind).passing?.sentence(place.name, by, isAnswered) ?? 'passes through a protocol'}.`;
}

/** What KVM gives a protected guest's register: once, as the guest is launched, or each time that it sets it, which counts until then. */
function launchText(store: readonly Transfer[]): string {
  const atLaunch = store.filter((t) => t.phase === 'launch');
  if (atLaunch.length > 0) return `; written once, before launch${inFunction(atLaunch)}`;
  return store.length > 0 ? `; written${inFunction(store)} when KVM sets it, which counts only before launch` : '';
}

/** What the guest runs with in a register whose writes trap. */
function hardwareText(name: string, store: readonly Transfer[]): string {
  const setter = mainSetter(store) ?? store[0];
  if (!setter) return OWN_VALUE;
  return `${isOwnValue(name) ? setWords(name) : "KVM sets hardware's copy"} by ${setter.function}`;
}

function inFunction(transfers: readonly Transfer[]): string {
  const [first] = transfers;
  return first ? ` by ${first.function}` : '';
}

/** The words for one direction of moves around a VM-entry. */
interface MoveWords {
  /** `stored to the cache after VM-exit`. */
  readonly done: string;
  /** Where nothing does it. */
  readonly absent: string;
  /** Where that is not known. */
  readonly asked: string;
}

const SWITCHED: Readonly<Record<'load' | 'store', MoveWords>> = {
  load: {
    done: 'stored to the cache after VM-exit',
    absent: 'never the other way',
    asked: 'is stored there after VM-exit',
  },
  store: { done: 'loaded from it before VM-entry', absent: 'never written back', asked: 'is loaded before VM-entry' },
};

const COPIED: typeof SWITCHED = {
  load: {
    done: 'copied to the cache at every VM-exit',
    absent: 'never the other way',
    asked: 'is copied there at VM-exit',
  },
  store: { done: 'copied back at VM-entry', absent: 'never written back', asked: 'is copied back' },
};

function loadAndStoreText(words: typeof SWITCHED, { load, store, unknown }: Owner): string {
  const [loads, stores] = [load.filter(isWhileRunning), store.filter(isWhileRunning)];
  const found = [stepText(words.load.done, loads), storeText(words.store.done, stores)].filter((text) => text !== '');
  const open = (direction: 'load' | 'store', [reason]: readonly Reason[]) => {
    if (!reason) return `but ${words[direction].absent}`;
    return `whether it ${words[direction].asked} is not known: ${reasonText(reason)}`;
  };
  if (loads.length === 0) return [...found, open('load', unknown.load)].join(', ');
  return stores.length === 0 ? [...found, open('store', unknown.store)].join(', ') : found.join(', ');
}

/** What is done at VM-entry, or, where nothing is, which function writes hardware's copy as KVM sets a value. */
function storeText(done: string, stores: readonly Transfer[]): string {
  const setter = stores.some(({ phase }) => phase === 'vm-entry') ? undefined : mainSetter(stores);
  return setter ? `written through by ${setter.function}` : stepText(done, stores);
}

function stepText(what: string, [first]: readonly Transfer[]): string {
  return first ? `${what} by ${first.function}` : '';
}

function unknownText({ unknown }: Owner): string {
  const reason = firstReason(unknown);
  return reason ? reasonText(reason) : 'this tree does not show it';
}

/** What is known all the same of a register of which not all is. */
function foundText({ load, store }: Owner): string {
  const found = [stepText('filled', load), stepText('emptied', store)].filter((text) => text !== '');
  return found.length === 0 ? '' : ` Found: ${found.join(', ')}.`;
}

function readText({
  load,
  unknown: {
    load: [reason],
  },
}: Owner): string {
  if (load.some(isWhileRunning)) return `read when needed${inFunction(load)}`;
  return reason ? `whether it is read is not known: ${reasonText(reason)}` : 'never read';
}

function writeBackText({
  store,
  unknown: {
    store: [reason],
  },
}: Owner): string {
  if (store.length === 0 && reason) return `whether it is written back is not known: ${reasonText(reason)}`;
  const back = store.find((t) => t.phase === 'vm-entry');
  if (back) return `written back at VM-entry${back.isIfDirty ? ' if dirty' : ''} by ${back.function}`;
  const through = mainSetter(store) ?? store[0];
  return through ? `written through by ${through.function}` : 'never written back';
}

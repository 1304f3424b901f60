import type { Owner, Reason } from '../backends/owner.js';
import type { Transfer } from '../backends/transfer.js';
import { apxParts } from '../model/egpr/apxTests.js';
import { isClosedOn, isKept, type EgprRegister } from '../model/egpr/egprRegister.js';
import type { RegisterOwner } from '../model/registerModel.js';
import {
  commonGuards,
  conjunctionText,
  distinctGuards,
  literalsOf,
  unionGuards,
  type Guard,
} from '../syntax/conditions/guard.js';
import type { Location } from '../syntax/text/sourceText.js';
import { missingText } from './missingWords.js';
import { firstReason, reasonText } from './unknownWords.js';
import { PHASE_WORDS, type Words } from './words.js';

/** Sentences that say where one of R16-R31 is for a backend, how it gets to the cache and back, and what is missing. */
export function egprSummary(words: Words, register: EgprRegister, owner: RegisterOwner): string {
  const missing = owner.missing.map((part) => missingText(words, part));
  const lacks = missing.length > 0 ? ` Missing: ${missing.join('; ')}.` : '';
  if (!isKept(register) && owner.sync !== 'unknown') return unkeptSummary(register, owner.backend) + lacks;
  return `${keptSummary(words, register, owner)}.${userspaceSummary(register, owner)}${lacks}`;
}

function unkeptSummary({ name, state, protectedBackends }: EgprRegister, backend: string): string {
  const { component, hasComponents, supported } = state;
  if (!component && hasComponents)
    return `${name} is absent from this tree: its register enum has no R16-R31, and its FPU core has no APX component.`;
  if (!component)
    return `KVM has no storage for ${name} here. This tree does not show the FPU core, which may know the APX component.`;
  const isClosed = supported && !supported.holdsComponent;
  const gate = isClosed ? `; guests can't enable it: not in ${supported.name} ${at(supported.defined)}` : '';
  const lives = `${name} lives in the XSAVE component ${component.name} ${at(component.declared)}, and KVM has no storage for it${gate}.`;
  const isSwitchedByKvm = !protectedBackends.has(backend);
  return isClosed && isSwitchedByKvm ? `${lives} What is in ${name} at VM-entry is still there after VM-exit.` : lives;
}

function at({ file, line }: Location): string {
  return `[${file}:${String(line)}]`;
}

function keptSummary(words: Words, register: EgprRegister, owner: Owner): string {
  const { name, dropped, lock } = register;
  switch (owner.sync) {
    case 'switched':
      return `${name} is in hardware while the guest runs; ${movesText(owner)}`;
    case 'eager':
      return `${name} is in hardware while the guest runs, and moved around the world switch, not in it; ${movesText(owner)}`;
    case 'xsave': {
      const by = [moveText('read', owner.load), moveText('written', owner.store)]
        .filter((text) => text !== '')
        .join(', ');
      const locked = lock === null ? '' : `, with the FPU registers locked by ${lock}`;
      return `${name} stays in hardware while KVM runs, or in the guest fpstate's ${owner.place.name} once that is switched out; ${by}${locked}`;
    }
    case 'unknown': {
      const reason = firstReason(owner.unknown);
      return `Whether ${name} is moved to or from hardware on ${words.backend(owner.backend)} is not known${reason ? `: ${reasonText(reason)}` : ''}`;
    }
    case 'protected':
      return `${name} ${words.place(owner.place.kind).hidden ?? 'is not visible to KVM'}`;
    default: {
      const closed = dropped.get(owner.backend);
      const backend = words.backend(owner.backend);
      return isClosedOn(register, owner.backend)
        ? `${name} is not switched on ${backend}, whose guests can't enable APX${closed ? ` ${at(closed)}` : ''}`
        : `${name} has a slot in the cache, but nothing moves it to or from hardware on ${backend}`;
    }
  }
}

/** Conditions that tell a reader something: not earlier exits but what they test of APX, nor that a feature or flag is absent. */
function isShownCondition(guard: Guard): boolean {
  if (guard.kind === 'case' || guard.kind === 'config' || !guard.negated) return true;
  return guard.condition.kind === 'not' || (guard.kind === 'flag' && guard.condition.kind === 'other');
}

function shownConditions(transfers: readonly Transfer[]): readonly Guard[] {
  return distinctGuards(transfers.flatMap((t) => t.conditions).flatMap(exitParts)).filter(isShownCondition);
}

function exitParts(guard: Guard): readonly Guard[] {
  const parts = guard.kind === 'exit' ? apxParts(guard) : [];
  return parts.length > 0 ? parts : [guard];
}

function conditionText(guards: readonly Guard[], before: string): string {
  return guards.length > 0 ? `${before}if ${conjunctionText(guards)}` : '';
}

function movesText({ load, store, unknown }: Owner): string {
  const [ofStore, ofLoad] = [shownConditions(store), shownConditions(load)];
  const isBothways = load.length > 0 && store.length > 0;
  const isSame = unionGuards(ofStore, ofLoad).length === commonGuards(ofStore, ofLoad).length;
  const own = (guards: readonly Guard[]) => (isBothways && !isSame ? conditionText(guards, ' ') : '');
  const loaded = moveText('loaded from the cache', store);
  const stored = moveText(`stored to ${store.length > 0 ? 'it' : 'the cache'}`, load);
  const words = [
    loaded === '' ? openText('is loaded from the cache before VM-entry', unknown.store) : loaded + own(ofStore),
    stored === '' ? openText('is stored after VM-exit', unknown.load) : stored + own(ofLoad),
  ].filter((text) => text !== '');
  return words.join(', ') + (isBothways && !isSame ? '' : conditionText(unionGuards(ofStore, ofLoad), ', '));
}

/** `whether it is stored after VM-exit is not known: FILL_RSB at svm/vmenter.S:91 is not understood` */
function openText(what: string, [reason]: readonly Reason[]): string {
  return reason ? `whether it ${what} is not known: ${reasonText(reason)}` : '';
}

/** `stored to the cache after VM-exit by kvm_apx_restore, which vcpu_enter_guest calls [x86.c:190]` */
function moveText(what: string, [first]: readonly Transfer[]): string {
  if (!first) return '';
  const isAroundEntry = first.phase === 'vm-entry' || first.phase === 'vm-exit';
  const failed = first.isOnVmFail ? ' and on VM-fail' : '';
  const when = isAroundEntry ? `${PHASE_WORDS[first.phase].behind}${failed}` : '';
  const call = first.call ? ` (called by ${first.call.function} ${at(first.call)})` : '';
  return `${what}${when} by ${first.function}${call}`;
}

function userspaceSummary(register: EgprRegister, { sync, backend }: Owner): string {
  const isClosed = isClosedOn(register, backend);
  const told = register.userspace.filter((t) => !isClosed || !isUnderGuestsApx(t));
  const names = (isOut: boolean) => told.filter((t) => (t.to?.kind === 'userspace') === isOut).map((t) => t.function);
  const [out, back] = [new Set(names(true)), new Set(names(false))];
  if (sync === 'protected' || out.size + back.size === 0) return '';
  const parts = [
    ...(out.size > 0 ? [`given to userspace by ${[...out].join(', ')}`] : []),
    ...(back.size > 0 ? [`set from ${out.size > 0 ? 'it' : 'userspace'} by ${[...back].join(', ')}`] : []),
  ];
  return ` ${parts.join(', ').replace(/^./, (letter) => letter.toUpperCase())}.`;
}

/** Whether a copy is done only where a mask of XCR0 has APX: for guests that can't enable it, it is not. */
function isUnderGuestsApx({ conditions }: Transfer): boolean {
  return literalsOf(conditions).some(
    ({ atom, holds }) =>
      holds && atom.words.some((word) => /xcr0/i.test(word)) && atom.words.some((word) => /apx/i.test(word)),
  );
}

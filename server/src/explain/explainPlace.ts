import { segmentIn } from '../backends/saveArea.js';
import type { Owner } from '../backends/owner.js';
import { UNKNOWN_PLACE, type Place } from '../backends/place.js';
import type { Move } from '../facts/registers/moves.js';
import { backendOfFile, hardwareKind } from '../model/query/backends.js';
import { isNestedCode, toldPhase } from '../model/query/functions.js';
import { isForLog } from '../model/query/logReaders.js';
import type { PlaceUse } from '../model/query/placeUses.js';
import type { NamedPlace } from '../model/query/structPlaces.js';
import { isOfCacheStruct, unlistedIn } from '../model/query/unlistedRegisters.js';
import { sourceOf, type FileSpan } from '../model/query/text.js';
import type { Register, RegisterModel } from '../model/registerModel.js';
import { conditionPhrases } from './conditionPhrases.js';
import { shownStorage } from './explainRegister.js';
import { code, joinPhrases, statement, strong, type Explanation, type OwnerLine, type Phrase } from './explanation.js';
import { handedPhrases, takerPhrases } from './handedPlaces.js';
import { areaOfNested, isIntoL2, ownerOfNested, tellsSideOfL2 } from './nestedWords.js';
import { ownerLines } from './ownerLines.js';
import { asideOf, partOf, placePhrases } from './transferPhrases.js';
import { behindPhrase, wordsOf } from './words.js';

/** What a word is that names a place beside the cache, and what happens to it there. */
export function explainPlace(
  model: RegisterModel,
  name: string,
  uses: readonly [PlaceUse, ...PlaceUse[]],
): Explanation {
  const [use] = uses;
  return {
    subject: { kind: 'place', name },
    answer: statement([strong(name), ': ', ...whatItIs(model, use), '; ', ...whatHappens(model, use)]),
    owners: use.register
      ? ownersThrough(model, use.register, { place: use.place, first: backendOfFile(model, use.fn.file) })
      : [],
    notes: [],
  };
}

/** A place that a word names by itself: a member of a struct where it is declared, a constant for a field. */
export function explainNamedPlace(
  model: RegisterModel,
  at: FileSpan,
  { place, held, register }: NamedPlace,
): Explanation {
  const text = sourceOf(model, at.file)?.text ?? '';
  const name = text.slice(at.start, at.end);
  const { title } = wordsOf(model).place(place.kind);
  const hardware = hardwareKind(model, place.kind);
  const when = hardware?.role === 'save-area' ? ' while the guest runs' : '';
  const what = hardware
    ? [`${heldWords(held, register, place.name)} in the ${title}${when}`]
    : otherPlace(segmentWords(held, place.name), place, null);
  return {
    subject: { kind: 'place', name },
    answer: statement([
      strong(name),
      ': ',
      ...what,
      isCalculatedWith(text, at) ? '; its number is calculated with here' : '',
    ]),
    owners: register ? ownersThrough(model, register, { place, first: null }) : [],
    notes: [],
  };
}

/** Whether a constant is a part of a sum, by which another field is reached: `sel + GUEST_ES_LIMIT - GUEST_ES_SELECTOR`. */
function isCalculatedWith(text: string, { start, end }: FileSpan): boolean {
  return (
    /[\w)]\s*[+-]\s*$/.test(text.slice(Math.max(0, start - 20), start)) ||
    /^\s*[+-]\s*\w/.test(text.slice(end, end + 20))
  );
}

/** A register that the enum does not list is called the guest's, as nothing else says whose it is. */
function heldWords(held: string, register: Register | null, field: string): string {
  return register ? segmentWords(held, field) : `the guest's ${held}, which the register enum does not list,`;
}

/** One of the segments by its own name, `CS base (of SEGMENTS)`; by a table's field, which part of any. */
function segmentWords(held: string, field: string): string {
  const segment = segmentIn(field);
  const part = /\]\.(\w+)$/.exec(field)?.[1];
  if (held === 'SEGMENTS' && part !== undefined)
    return `${part.replace('ar_bytes', 'access rights')} of a segment register (of SEGMENTS)`;
  return held === 'SEGMENTS' && segment !== null ? `${segment} (of ${held})` : held;
}

/** A place that code names, and the backend that the code is of; null for common code. */
interface PlaceInCode {
  readonly place: Place;
  readonly first: string | null;
}

/** The owners of a register by way of a place; where it is no backend's, all of them. */
function ownersThrough(model: RegisterModel, register: Register, { place: { kind }, first }: PlaceInCode): OwnerLine[] {
  const isShown = ({ place }: Owner) => hardwareKind(model, kind) === null || place.kind === kind;
  const backends = new Set(register.owners.filter(isShown).map(({ backend }) => backend));
  const isOnly = backends.size === 1;
  return ownerLines(model, register, { first, isShort: !isOnly }).filter(({ backend }) => backends.has(backend));
}

function whatItIs(model: RegisterModel, { register, place, move }: PlaceUse): Phrase[] {
  const { title } = wordsOf(model).place(place.kind);
  const held = register?.register ?? registerWord(place);
  switch (hardwareKind(model, place.kind)?.role) {
    case 'save-area':
      if (register?.class === 'exit-info') return [`${held} in the ${title}, what the last exit told`];
      return [`${heldWords(held, register, place.name)} in the ${areaName(title, place)} while ${guestOf(place)} runs`];
    case 'launch-area':
      return [`${held} in the ${title}, which is encrypted from launch on`];
    case 'protocol':
      return hardwareKind(model, place.kind)?.holds
        ? [`${held} in the ${title}${unguarded(move)}`]
        : argumentPhrases(model, place, move);
    default:
      return otherPlace(segmentWords(held, place.name), place, isUnknownWay(move) ? null : move.from === place);
  }
}

/** Whether only an address is taken: who gets it may read or write there. */
function isUnknownWay({ isAddress, isReturned }: Move): boolean {
  return isAddress && !isReturned;
}

/** An argument that is not called after what it holds. */
function argumentPhrases(model: RegisterModel, place: Place, { to }: Move): Phrase[] {
  const told = (to?.register ?? null) === null ? (hardwareKind(model, place.kind)?.tells?.(place.name) ?? null) : null;
  return [
    ...placePhrases(wordsOf(model), place),
    ...(told === null ? [] : [`, the ${told} and no guest register, unless the exit is a call of the guest's`]),
  ];
}

/** What is said of a place whose register the enum does not list, or only run time knows. */
function registerWord({ name }: Place): string {
  return name.includes('[') || /(?:^|\.)gprs$/.test(name) ? 'GPRs' : (unlistedIn(name) ?? 'a value');
}

/** An accessor that gives 0 for a field that the guest has not marked valid (svm/svm.h). */
function unguarded({ from }: Move): string {
  return from?.kind === 'ghcb' ? ', 0 where the guest has not marked it valid' : '';
}

function areaName(title: string, { which }: Place): string {
  return which ?? title;
}

function guestOf({ which }: Place): string {
  if (which === undefined) return 'the guest';
  return which.endsWith('02') ? 'L2' : 'L1';
}

/** `isRead`: null where it is not known whether the place is read or written. */
function otherPlace(register: string, place: Place, isRead: boolean | null): Phrase[] {
  const [structure = place.name] = place.name.split('.');
  switch (place.kind) {
    case 'nested':
      return [`${ownerOfNested(place)} ${register} in ${areaOfNested(place)}`];
    case 'userspace':
      return [`${register} for userspace, `, ...joinPhrases(ioctlsOf(structure, isRead).map(code), ' or ')];
    case 'smram':
      return [`${register} in SMRAM's state save map`];
    case 'emulator':
      return [`${register} in the emulator's copy`];
    case 'host':
      return [`the host's ${register}`];
    case UNKNOWN_PLACE:
      return [`${register} in `, code(place.name), ' of a control structure that is not known'];
    default:
      return [`${register} in `, code(place.name)];
  }
}

/** The ioctls that a structure of userspace's is for (uapi/linux/kvm.h): read from it by one, filled by the other. */
function ioctlsOf(structure: string, isRead: boolean | null): string[] {
  const name = structure.replace(/^kvm_/, '').toUpperCase();
  if (!/^(?:S?REGS2?|DEBUGREGS)$/.test(name)) return [structure];
  return [...(isRead === true ? [] : [`KVM_GET_${name}`]), ...(isRead === false ? [] : [`KVM_SET_${name}`])];
}

function whatHappens(model: RegisterModel, use: PlaceUse): Phrase[] {
  const { move, isWritten } = use;
  if (isChange(move)) return ['changed here', ...conditionPhrases(model, move.guards)];
  const other = isWritten ? move.from : move.to;
  const done = isWritten ? writtenPhrases(model, use, other) : readPhrases(model, use, other);
  return [...done, momentOf(model, use), ...conditionPhrases(model, move.guards)];
}

/** Whether a move is from a place to itself: a part of its old value stays. */
function isChange({ from, to }: Move): boolean {
  if (!from || !to || from.kind === UNKNOWN_PLACE) return false;
  return from.kind === to.kind && from.name === to.name && from.which === to.which;
}

/** `x |= y` leaves what else is in x. */
function writtenPhrases(model: RegisterModel, { move }: PlaceUse, other: Place | null): Phrase[] {
  const done = move.isPartial ? 'changed here' : 'written here';
  if (other) return [`${done} from `, ...sidePhrases(model, other)];
  if (move.other === '') return [done];
  // What a call gives is that function's to say.
  const isAsked = /\w\(/.test(move.other);
  return [
    `${done} ${move.isPartial ? 'by' : 'with'} `,
    code(move.other),
    ...(move.isGiven && !isAsked ? [', which the caller gives'] : []),
  ];
}

function readPhrases(model: RegisterModel, use: PlaceUse, other: Place | null): Phrase[] {
  const { move } = use;
  if (other)
    return [
      `${other.kind === 'cache' ? 'read' : 'copied'} here to `,
      ...sidePhrases(model, other),
      ...partOf(move.other),
    ];
  if (isUnknownWay(move)) return ['its address is taken here', ...takerPhrases(model, use)];
  if (move.isReturned) return ['returned here'];
  return ['read here', ...(move.other === '' ? handedPhrases(model, use) : [' to ', code(move.other)])];
}

/** A place on the other side of a move. */
export function sidePhrases(model: RegisterModel, place: Place): Phrase[] {
  if (place.kind !== 'cache') return placePhrases(wordsOf(model), place);
  const isCopy = place.register !== null || isOfCacheStruct(place.name);
  return [isCopy ? 'the register cache, ' : '', code(shownStorage(place.name))];
}

/** When what is done with a place is done, where that deserves a word; else ''. */
export function momentOf(model: RegisterModel, use: PlaceUse): string {
  const { fn, move, phase } = use;
  const known = knownMoment(model, use) ?? msrMoment(use);
  if (known !== null) return known;
  if (isForLog(model, fn)) return ", for the kernel's log";
  // What a function returns is its callers' to use, on the way in or out.
  if (phase === 'nested' && !move.isReturned && isNestedCode(model, fn) && tellsSideOfL2(move))
    return isIntoL2(move) ? ', at nested VM-entry' : ', at nested VM-exit';
  if (move.isGiven || move.isAddress || phase === 'nested') return '';
  const told = toldPhase(model, fn, phase);
  const aside = asideOf(told, move.from);
  return aside === '' ? behindPhrase(told) : aside;
}

/** Of a field that an MSR is read from or written to, under the case of that MSR's number: which is read or written then, by the guest or userspace. */
function msrMoment({ move, isWritten }: PlaceUse): string | null {
  const labels = move.guards.flatMap((guard) => (guard.kind === 'case' ? guard.labels : []));
  const [msr, another] = labels.filter((label) => label?.startsWith('MSR_') ?? false);
  if (typeof msr !== 'string' || another !== undefined) return null;
  return `, when ${msr} is ${isWritten ? 'written' : 'read'}`;
}

/** The moment that the place and the tests around a move tell; null where they tell none. */
function knownMoment(model: RegisterModel, { move, phase, isWritten, place }: PlaceUse): string | null {
  const role = hardwareKind(model, place.kind)?.role;
  // Dirty means: to be written back before the next VM-entry.
  if (isWritten && role === 'save-area' && model.phases.testsDirty(move.guards)) return ', before VM-entry';
  if (!isWritten && move.guards.some((guard) => model.phases.testsRegister(guard))) return ', on demand';
  // A guest sees what is put into a protocol's fields when it runs on.
  const isAnswer = isWritten && role === 'protocol' && phase === 'vm-exit';
  return isAnswer ? ', which the guest gets at the next VM-entry' : null;
}

import type { PlaceWords } from '../backends/place.js';
import { bitTested } from './conditionPhrases.js';
import { evidenceOf } from './evidence.js';
import { mainSetter } from './mainSetter.js';
import { missingText } from './missingWords.js';
import { ownerSummary } from './ownerSummary.js';
import { shownField } from './transferPhrases.js';
import { unknownSteps } from './unknownWords.js';
import { wordsOf, type Words } from './words.js';
import type { Transfer } from '../backends/transfer.js';
import type { Condition } from '../syntax/conditions/condition.js';
import { commonGuards, impliedBy, isTest, conjunctionText, type Guard } from '../syntax/conditions/guard.js';
import { apxParts } from '../model/egpr/apxTests.js';
import type { Register, RegisterModel, RegisterOwner } from '../model/registerModel.js';
import type { Owner } from '../backends/owner.js';
import { OWN_VALUE, setWords, trapWords } from './trapWords.js';
import { code, statement, type OwnerLine, type Phrase, type Statement } from './explanation.js';

/** Which owners come first, and how much is said of the others. */
export interface OwnerLinesOptions {
  /** The backend whose lines come first; null for none in particular. */
  readonly first: string | null;
  /** Of all but that one's, say only where the register is and which functions move it. */
  readonly isShort: boolean;
}

/** Characters of a condition that a short line has room for. */
const LONGEST_CONDITION = 50;

/** A line for each backend's owner of a register. */
export function ownerLines(
  model: RegisterModel,
  register: Register,
  { first, isShort }: OwnerLinesOptions,
): OwnerLine[] {
  const words = wordsOf(model);
  const isTold = (owner: RegisterOwner) =>
    isUsual(register, owner) && (isFirst(owner) || (owner.when?.text.length ?? 0) <= LONGEST_CONDITION);
  const isFirst = ({ backend }: { readonly backend: string }) => backend === first;
  const owners = isShort
    ? register.owners.filter((owner) => isFirst(owner) || isUsual(register, owner))
    : register.owners;
  const lines = owners.map((owner): OwnerLine => {
    const steps = [
      ...stepsOf(model, register.register, owner),
      ...unknownSteps(owner.unknown),
      ...missingSteps(words, owner),
    ];
    return {
      backend: owner.backend,
      title: words.backend(owner.backend),
      when: isShort && !isTold(owner) ? null : (owner.when?.text ?? null),
      kept: [
        ...(isShort && !isUsual(register, owner) ? ['otherwise '] : []),
        ...keptIn(model, register, owner),
        ...(isShort && isUsual(register, owner) && owner.when && !isTold(owner) ? [' (under a condition)'] : []),
      ],
      steps: isShort && !(isFirst(owner) && owner.when === null) ? steps.map(withoutConditions) : steps,
    };
  });
  return [...lines].sort((a, b) => Number(isFirst(b)) - Number(isFirst(a)));
}

/** Whether an owner is the first of its backend's: the usual case. */
function isUsual({ owners }: Register, owner: RegisterOwner): boolean {
  return owners.find(({ backend }) => backend === owner.backend) === owner;
}

/** Characters of a step's condition that a short line has room for. */
const LONGEST_STEP_CONDITION = 30;

/** A step with its function alone; of its conditions only a short one is named, that it has others is said. */
function withoutConditions({ phrases, evidence }: Statement): Statement {
  const cut = phrases.findIndex((phrase) => phrase === IF || phrase === ', called by ');
  if (cut < 0) return statement(phrases, evidence.slice(0, 1));
  return statement([...phrases.slice(0, cut), ...shortCondition(phrases)], evidence.slice(0, 1));
}

function shortCondition(phrases: readonly Phrase[]): Phrase[] {
  const at = phrases.indexOf(IF);
  if (at < 0) return [];
  const condition = phrases[at + 1];
  const isShort =
    typeof condition === 'object' && 'code' in condition && condition.code.length <= LONGEST_STEP_CONDITION;
  return isShort ? [IF, condition] : [', under a condition'];
}

/** What stands before the conditions of a step. */
const IF = ' if ';

function keptIn(model: RegisterModel, register: Register, owner: RegisterOwner): Phrase[] {
  const words = wordsOf(model).place(owner.place.kind);
  switch (owner.sync) {
    case 'none':
      return ['not tracked'];
    case 'unknown':
      return ['not known'];
    case 'xsave':
      return owner.load.length + owner.store.length > 0
        ? ['hardware, or ', code(owner.place.name), ' of the guest fpstate']
        : [ownerSummary(model, register, owner).replace(/\.$/, '')];
    case 'eager':
      // A protocol's argument that is there at every exit.
      return words.passing ? [words.passing.always, code(owner.place.name)] : keptPhrases(words, owner.place.name);
    default:
      return keptPhrases(words, owner.place.name);
  }
}

/** Where a register is that is kept in a place: `VMCS GUEST_RSP`. */
function keptPhrases({ kept, lead }: PlaceWords, name: string): Phrase[] {
  if (kept !== null) return [kept];
  return lead === '' ? [name] : [lead, code(shownField(name))];
}

/** ` if dirty`; '' where the register's own bits are not asked. */
function bitText(model: RegisterModel, transfer: Transfer | undefined): string {
  const bit = transfer ? bitTested(model, transfer.guards) : null;
  return bit === null ? '' : ` if ${bit}`;
}

function stepsOf(model: RegisterModel, register: string, owner: Owner): Statement[] {
  const { when } = owner;
  const [load] = owner.load;
  const back = owner.store.find((t) => t.phase === 'vm-entry') ?? mainSetter(owner.store) ?? owner.store[0];
  const ifBit = bitText(model, back);
  switch (owner.sync) {
    case 'switched':
    case 'eager':
      return [
        ...step(load, `in at VM-exit${load?.isOnVmFail ? ' and VM-fail' : ''}, `, when, owner.load),
        ...step(back, back?.phase === 'set' ? 'set by ' : `out at VM-entry${ifBit}, `, when, owner.store),
      ];
    case 'lazy':
      return [
        ...step(load, 'read when needed by ', when, owner.load),
        ...step(
          back,
          back?.phase === 'set' ? 'written through by ' : `written back at VM-entry${ifBit} by `,
          when,
          owner.store,
        ),
      ];
    case 'direct':
      if (load?.isAddress) return step(load, 'not cached: read and written through the address that is given by ');
      return [...step(load, 'not cached: read by '), ...step(back, 'written by ')];
    case 'intercepted':
      return back
        ? step(back, `${trapWords(register)}; ${setWords(register)} by `, when)
        : [statement([`${trapWords(register)}; ${OWN_VALUE}`])];
    case 'partial':
      return passingSteps(wordsOf(model), owner);
    case 'protected':
      return step(
        owner.store.find((t) => t.phase === 'launch'),
        'written once, before launch, by ',
      );
    case 'xsave':
      return [...step(load, 'read by '), ...step(back, 'written by ')];
    case 'unknown':
      return [...step(load, 'filled by '), ...step(back, 'emptied by ')];
    case 'none':
      return [];
  }
}

function missingSteps(words: Words, { missing }: RegisterOwner): Statement[] {
  if (missing.length === 0) return [];
  return [statement([`missing: ${missing.map((part) => missingText(words, part)).join(', ')}`])];
}

/** How a register passes through a protocol that KVM cannot see else. */
function passingSteps(words: Words, { place, load, store }: Owner): Statement[] {
  const passing = words.place(place.kind).passing;
  if (!passing) return [];
  const answer = store.find((t) => t.to?.kind === place.kind);
  const isAnswerShown = answer && passing.out(place.name) !== '' && !(passing.isOneWay && load.length > 0);
  return [...step(load[0], passing.in(place.name)), ...(isAnswerShown ? step(answer, passing.out(place.name)) : [])];
}

function step(
  transfer: Transfer | undefined,
  words: string,
  when: Condition | null = null,
  all: readonly Transfer[] = [],
): Statement[] {
  if (!transfer) return [];
  const guards = alwaysUnder(transfer, all).filter((guard) => !when || !impliedBy(when, guard));
  const condition: Phrase[] = guards.length > 0 ? [IF, code(conjunctionText(guards))] : [];
  const evidence = [evidenceOf(transfer), ...(transfer.call ? [evidenceOf(transfer.call)] : [])];
  const by: Phrase[] = transfer.call ? [', called by ', code(transfer.call.function)] : [];
  return [statement([words, code(transfer.function), ...by, ...condition], evidence)];
}

/** The conditions of a transfer that its function does it under in each of its places: one of two branches that both do it is none. */
function alwaysUnder(transfer: Transfer, all: readonly Transfer[]): Guard[] {
  const same = all.filter(
    (t) => t.function === transfer.function && t.to?.name === transfer.to?.name && t.from?.name === transfer.from?.name,
  );
  return same.reduce((guards, t) => commonGuards(guards, t.conditions), shownGuards(transfer));
}

/** Whether a guard only says that an option is set. */
function isOption(guard: Guard): boolean {
  return guard.kind === 'config' && !guard.negated && guard.condition.kind === 'value';
}

/** Three are shown: a CPU feature, a flag, and what it takes for C to set that. */
const CONDITIONS_SHOWN = 3;

/** Conditions worth a reader's time: not earlier exits, but for what one tests of APX, nor what every 64-bit kernel has. */
export function shownGuards({ conditions }: Transfer): Guard[] {
  const shown = conditions.flatMap((guard) => (guard.kind === 'exit' ? apxParts(guard) : [guard]));
  return shown.filter((guard) => isTest(guard) && !isOption(guard)).slice(0, CONDITIONS_SHOWN);
}

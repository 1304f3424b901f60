import type { Gpr } from '../x86/registers.js';
import { doubtAt, doubtKey, type Doubt } from './doubt.js';
import type { DoubtOnWay } from './step.js';
import type { Origin, OriginSet, Place } from './origin.js';
import type { WorldSwitchFlow } from './worldSwitchFlow.js';

/**
 * Whether a world switch moves a register's value between hardware and its slot in the register cache. `found`: on some way it
 * does. `absent`: on every way that there can be, the register, or the slot, has something else. `unknown`: neither is certain,
 * for reasons of which the first in the text comes first.
 */
export type SlotAnswer =
  | { readonly kind: 'found' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown'; readonly doubts: readonly Doubt[] };

/** A register and its slot. */
export interface SlotQuestion {
  readonly gpr: Gpr;
  /** `load`: from the slot before VM-entry. `store`: to the slot after VM-exit. */
  readonly direction: 'load' | 'store';
  /** Whether a word of memory is the register's slot; null where that is not known. */
  readonly isSlot: (place: Place) => boolean | null;
}

/** What a world switch's flow says of a register and its slot. */
export function slotAnswer(flow: WorldSwitchFlow, question: SlotQuestion): SlotAnswer {
  return question.direction === 'load' ? loadAnswer(flow, question) : storeAnswer(flow, question);
}

function loadAnswer(flow: WorldSwitchFlow, { gpr, isSlot }: SlotQuestion): SlotAnswer {
  const { atEntry, doubts, entersAgain } = flow;
  // A register that is the host's again after VM-exit is not loaded here: the VMCS or the VMCB has the guest's.
  const values = atEntry.get(gpr) ?? [];
  const words = values.flatMap((origin) =>
    origin.kind === 'loaded' ? [{ origin, isSlot: whetherSlot(origin, isSlot) }] : [],
  );
  if (words.some((word) => word.isSlot === true && !word.origin.half)) return { kind: 'found' };
  const which = words.flatMap((word) => (word.isSlot === null ? doubtAbout(word.origin, flow) : []));
  const halves = words.flatMap(({ origin: { half }, isSlot: whether }) => (half && whether !== false ? [half] : []));
  const given = values.flatMap((origin) => (origin.kind === 'operand' ? inC(origin.expression, flow) : []));
  const before = doubts.filter(({ isAfterEntry }) => !isAfterEntry || entersAgain);
  return answerFor([...doubtsAbout(values, flow), ...given, ...which, ...halves, ...about(before, gpr)]);
}

function storeAnswer(flow: WorldSwitchFlow, { gpr, isSlot }: SlotQuestion): SlotAnswer {
  const { afterExit, doubts, hasEnd } = flow;
  const words = afterExit.map((word) => ({ ...word, isSlot: whetherSlot(word, isSlot) }));
  const hasGuest = (values: OriginSet) => values.some((origin) => origin.kind === 'guest' && origin.gpr === gpr);
  if (words.some((word) => word.isSlot === true && hasGuest(word.values))) return { kind: 'found' };
  const inWords = words.flatMap((word) => {
    if (word.isSlot === false) return [];
    const which = word.isSlot === null && hasGuest(word.values) ? doubtAbout(word, flow) : [];
    return [...which, ...doubtsAbout(word.values, flow)];
  });
  return answerFor([...inWords, ...(hasEnd ? [] : whereItGoes(flow)), ...about(doubts, gpr)]);
}

/**
 * Whether a word is the slot, as the caller knows it. A base that is known to be no pointer to the register cache makes it none.
 * An offset's name says of which word it is, but not for a base out of a structure, which may be another
 * structure's. Without a name, a base that may be any pointer leaves it open.
 */
function whetherSlot({ base, displacement }: Place, isSlot: SlotQuestion['isSlot']): boolean | null {
  if (NO_POINTERS.has(base.kind)) return false;
  if (!displacement) return null;
  const whether = isSlot({ base, displacement });
  const isNamed = displacement.symbols.size > 0;
  if (isNamed) return whether === true && isOfStructure(base) ? null : whether;
  return whether === false && OPEN_BASES.has(base.kind) ? null : whether;
}

/** Whether a value is a member of something, and no variable. */
function isOfStructure(origin: Origin): boolean {
  return origin.kind === 'loaded' && origin.base.kind !== 'variables' && origin.base.kind !== 'unknown';
}

/** What C code left in a register that is no argument, the guest's values, and addresses of code and of the stack. */
const NO_POINTERS: ReadonlySet<Origin['kind']> = new Set(['host', 'guest', 'clobbered', 'stack', 'return-address']);

/** What may be any pointer. */
const OPEN_BASES: ReadonlySet<Origin['kind']> = new Set(['unknown', 'loaded', 'computed', 'result']);

function doubtsAbout(values: OriginSet, flow: WorldSwitchFlow): Doubt[] {
  return values.flatMap((origin) => {
    if (origin.kind === 'unknown') return [origin.doubt];
    const isOfAnyWord = origin.kind === 'loaded' && (origin.base.kind === 'unknown' || !origin.displacement);
    return isOfAnyWord ? doubtAbout(origin, flow) : [];
  });
}

function doubtAbout({ base }: Place, flow: WorldSwitchFlow): Doubt[] {
  if (base.kind === 'operand') return inC(base.expression.replace(/^&/, ''), flow);
  return base.kind === 'unknown' ? [base.doubt] : whichWord(flow);
}

/** The doubt about what C code has under a name: it may be a copy of the slot, or become one. */
function inC(name: string, { entries }: WorldSwitchFlow): Doubt[] {
  return entries.slice(0, 1).map((entry) => ({ ...doubtAt('operand', entry), name }));
}

function about(doubts: readonly DoubtOnWay[], gpr: Gpr): Doubt[] {
  return doubts.filter(({ of }) => of?.has(gpr) !== false).map(({ doubt }) => doubt);
}

/** The doubt about a word whose base is known, and that may be the slot. */
function whichWord({ entries }: WorldSwitchFlow): Doubt[] {
  return entries.slice(0, 1).map((entry) => doubtAt('memory', entry));
}

/** The doubt about a function of which no end is known. */
function whereItGoes({ entries }: WorldSwitchFlow): Doubt[] {
  return entries.slice(0, 1).map((entry) => doubtAt('jump', entry));
}

/** Nothing is absent as long as there is a doubt. */
function answerFor(doubts: readonly Doubt[]): SlotAnswer {
  if (doubts.length === 0) return { kind: 'absent' };
  const distinct = [...new Map(doubts.map((doubt) => [doubtKey(doubt), doubt])).values()];
  return { kind: 'unknown', doubts: distinct.sort((a, b) => a.start - b.start) };
}

import type { Phase } from '../backends/phase.js';
import type { Place } from '../backends/place.js';
import type { Transfer } from '../backends/transfer.js';
import type { Evidence } from '../explain/explanation.js';
import { shownField } from '../explain/transferPhrases.js';
import { PHASE_WORDS, type Words } from '../explain/words.js';
import { guardText, isTest, shownConjuncts, type Guard } from '../syntax/conditions/guard.js';

/** A transfer as views show it. Plain data; lines are 1-based, columns too, in UTF-8 bytes. */
export interface TransferView extends Evidence {
  readonly column: number;
  readonly function: string;
  readonly phase: Phase;
  /** When that is, in words: `after VM-exit`. */
  readonly moment: string;
  /** null: the value comes from no place; `other` says what it is. */
  readonly from: PlaceView | null;
  /** null: it goes to the function's caller. */
  readonly to: PlaceView | null;
  readonly other: string;
  /** All conditions, as `map --json` has them. */
  readonly guards: readonly string[];
  /** Those that tell a reader when it is done: without earlier exits that were not taken. */
  readonly conditions: readonly string[];
  /** The call on the way to VM-entry by which a helper comes to do it; null without one. */
  readonly call: (Evidence & { readonly function: string }) | null;
}

/** A place in words. */
export interface PlaceView {
  readonly kind: string;
  /** What kind of place it is: `VMCS`, `register cache`. */
  readonly title: string;
  /** `GUEST_RSP`, `save.rax`. */
  readonly name: string;
  /** Which of several control blocks it is in: `vmcb01`; '' for the one that the guest runs on. */
  readonly block: string;
}

export function transferView(words: Words, transfer: Transfer): TransferView {
  const { file, line, column, function: fn, phase, from, to, other, guards, conditions, call } = transfer;
  const failed = transfer.isOnVmFail ? ' and on VM-fail' : '';
  return {
    file,
    line,
    column,
    function: fn,
    phase,
    moment: momentOf(phase) + failed,
    from: from && placeView(words, from),
    to: to && placeView(words, to),
    other,
    guards: guards.filter(isTest).map(guardText),
    conditions: shownConditions(conditions),
    call: call && { file: call.file, line: call.line, function: call.function },
  };
}

export function placeView(words: Words, { kind, name, which }: Place): PlaceView {
  return { kind, title: words.place(kind).title, name: shownField(name), block: which ?? '' };
}

/** Conditions in words, without earlier exits that were not taken: those say little of when code runs. */
export function shownConditions(guards: readonly Guard[]): string[] {
  return shownConjuncts(guards.filter((guard) => guard.kind !== 'exit' && isTest(guard)));
}

/** `after VM-exit`; the title of a moment that has no words behind a move. */
function momentOf(phase: Phase): string {
  const { behind, title } = PHASE_WORDS[phase];
  return behind === ''
    ? title.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase())
    : behind.replace(/[()]/g, '').trim();
}

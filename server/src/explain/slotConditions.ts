import { fewLines, lineEvidence } from './evidence.js';
import { statement, type Statement } from './explanation.js';
import { registerNames } from '../syntax/x86/registerNames.js';
import { registerOf } from '../model/query/registers.js';
import { transfersOfStatement } from '../model/query/transfers.js';
import { groupBy } from '../model/groupBy.js';
import type { RegisterModel } from '../model/registerModel.js';
import type { SlotMove } from '../model/slots.js';
import { commonGuards, conjunctionText, testedValue, type Guard } from '../syntax/conditions/guard.js';
import { GPRS } from '../syntax/x86/registers.js';

/**
 * The conditions that moves of slots are under, C's for a run flag among them: `, if A` where all are under the same, `, R16-R31
 * only if A` where some are; '' where none is.
 */
export function conditionsText(model: RegisterModel, slots: readonly SlotMove[]): string {
  const isOne = new Set(slots.map((slot) => conditionOf(model, slot))).size === 1;
  return conditional(model, slots)
    .map(([condition, some]) => (isOne ? `, if ${condition}` : `, ${onlyIf(condition, some)}`))
    .join('');
}

/** The same of a function, with the lines: `R16-R31 only if A`. */
export function conditionNotes(model: RegisterModel, slots: readonly SlotMove[]): Statement[] {
  return conditional(model, slots).map(([condition, some]) =>
    statement(
      [onlyIf(condition, some)],
      fewLines(some.map(({ file, transfer }) => lineEvidence(model, file, transfer.instruction.start))),
    ),
  );
}

function onlyIf(condition: string, slots: readonly SlotMove[]): string {
  return `${namesOf(slots)} only if ${condition}`;
}

/** The moves that are under conditions, by these. */
function conditional(model: RegisterModel, slots: readonly SlotMove[]): (readonly [string, readonly SlotMove[]])[] {
  return [...groupBy(slots, (slot) => conditionOf(model, slot))].filter(([condition]) => condition !== '');
}

/** How many registers are moved under conditions: `, 16 of 31 under conditions (R16-R31)`; '' where none is. */
export function conditionalCount(model: RegisterModel, slots: readonly SlotMove[]): string {
  const some = conditional(model, slots).flatMap(([, moves]) => moves);
  if (some.length === 0) return '';
  const [few, all] = [some, slots].map((moves) => new Set(moves.map(({ member }) => member.name)).size);
  return `, ${String(few)} of ${String(all)} under conditions (${namesOf(some)})`;
}

/** `RAX R8-R15`: the registers of moves, in the order of their numbers. */
export function namesOf(slots: readonly SlotMove[]): string {
  const names = new Set<string>(slots.map(({ member }) => member.register));
  return registerNames(GPRS.filter((gpr) => names.has(gpr)));
}

function conditionOf(model: RegisterModel, { file, member, transfer }: SlotMove): string {
  const register = registerOf(model, member.name);
  // A helper's move is there once for each place that it is called from.
  const moves = register ? transfersOfStatement(register, file, transfer.instruction.start) : [];
  const shared = moves.reduce<readonly Guard[]>(
    (common, { conditions }) => commonGuards(common, conditions),
    moves[0]?.conditions ?? [],
  );
  return tellingText(shared);
}

/** Conditions of assembly as a reader of it says them; '' for none. */
export function tellingText(guards: readonly Guard[]): string {
  return conjunctionText(guards.filter(isTelling));
}

/** A kernel of 64 bits is what all is said of; what does not hold is seldom why a move is made. */
function isTelling(guard: Guard): boolean {
  if (guard.kind === 'case' || testedValue(guard)?.name === 'CONFIG_X86_64') return false;
  return !guard.negated || guard.condition.kind === 'not';
}

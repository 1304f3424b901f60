import { registerOf } from '../model/query/registers.js';
import { transfersOfStatement } from '../model/query/transfers.js';
import { groupBy } from '../model/groupBy.js';
import type { RegisterModel } from '../model/registerModel.js';
import type { SlotMove } from '../model/slots.js';
import { commonGuards, shownGuard, testedValue, type Guard } from '../syntax/conditions/guard.js';
import { GPRS } from '../syntax/x86/registers.js';

/**
 * The conditions that moves of slots are under, C's for a run flag among them: `, if A` where all are under the same, `, R16-R31
 * only if A` where some are; '' where none is.
 */
export function conditionsText(model: RegisterModel, slots: readonly SlotMove[]): string {
  const groups = groupBy(slots, (slot) => conditionOf(model, slot));
  return [...groups]
    .filter(([condition]) => condition !== '')
    .map(([condition, some]) => {
      const names = new Set(some.map(({ member }) => member.register));
      return groups.size === 1 ? `, if ${condition}` : `, ${rangesText([...names])} only if ${condition}`;
    })
    .join('');
}

function conditionOf(model: RegisterModel, { file, member, transfer }: SlotMove): string {
  const register = registerOf(model, member.name);
  // A helper's move is there once for each place that it is called from.
  const moves = register ? transfersOfStatement(register, file, transfer.instruction.start) : [];
  const shared = moves.reduce<readonly Guard[]>(
    (common, { conditions }) => commonGuards(common, conditions),
    moves[0]?.conditions ?? [],
  );
  return shared.filter(isTelling).map(shownGuard).join(' && ');
}

/** A kernel of 64 bits is what all is said of; what does not hold is seldom why a move is made. */
function isTelling(guard: Guard): boolean {
  if (guard.kind === 'case' || testedValue(guard)?.name === 'CONFIG_X86_64') return false;
  return !guard.negated || guard.condition.kind === 'not';
}

/** `RAX R8-R15`: registers in the order of their numbers, those that follow each other as one. */
function rangesText(names: readonly string[]): string {
  const ranges: string[][] = [];
  for (const name of GPRS.filter((gpr) => names.includes(gpr))) {
    const last = ranges.at(-1);
    const before = last?.at(-1);
    if (last && before !== undefined && GPRS.findIndex((gpr) => gpr === before) + 1 === GPRS.indexOf(name))
      last.push(name);
    else ranges.push([name]);
  }
  return ranges
    .map((range) => (range.length > 2 ? `${range[0] ?? ''}-${range.at(-1) ?? ''}` : range.join(' ')))
    .join(' ');
}

import { commonGuards, conjunctionText, type Guard } from '../syntax/conditions/guard.js';

/** Moves of registers under conditions. */
interface ConditionedMoves {
  readonly guards: readonly Guard[];
  readonly registers: readonly { readonly name: string }[];
  readonly transfers: readonly { readonly isIfDirty: boolean }[];
}

/** Characters of a condition that a line has room for. */
const LONGEST_CONDITION = 40;

/** Registers that a line names once more, as those that are under conditions. */
const MOST_NAMES = 3;

/**
 * Under which conditions groups move their registers that go the same way: `, if dirty` where it is one for all, `, CR3 if npt_enabled`
 * or `, 4 of 6 under conditions` where some are under any, `, if !sev_es_guest(vcpu), CR3 under more conditions`; '' where none is.
 */
export function groupConditions(groups: readonly ConditionedMoves[]): string {
  const common = commonCondition(groups);
  const unusual = groups.filter((group) => conditionOf(group) !== common);
  const usual = new Set(groups.filter((group) => conditionOf(group) === common).flatMap(namesOf));
  const names = [...new Set(unusual.flatMap(namesOf))].filter((name) => !usual.has(name));
  const all = common === '' ? '' : `, ${ifText(common)}`;
  if (names.length === 0) return all;
  if (common !== '') return `${all}, ${someOf(names, usual.size)}under more conditions`;
  const [condition = '', another] = new Set(unusual.filter(isOf(names)).map(conditionOf));
  return `, ${someOf(names, usual.size)}${another === undefined ? ifText(condition) : 'under conditions'}`;
}

function isOf(names: readonly string[]): (group: ConditionedMoves) => boolean {
  return (group) => namesOf(group).some((name) => names.includes(name));
}

function namesOf({ registers }: ConditionedMoves): string[] {
  return registers.map(({ name }) => name);
}

/** Which registers are meant, beside others; '' for all. */
function someOf(names: readonly string[], others: number): string {
  if (others === 0) return '';
  return names.length <= MOST_NAMES
    ? `${names.join(' ')} `
    : `${String(names.length)} of ${String(names.length + others)} `;
}

/** A condition as a line has room for it. */
function ifText(condition: string): string {
  return condition.length <= LONGEST_CONDITION ? `if ${condition}` : 'under a condition';
}

/** What has to hold for a group's moves, as a reader of the code says it; '' for nothing. */
function conditionOf({ guards, transfers }: ConditionedMoves): string {
  return conditionText(
    transfers.every(({ isIfDirty }) => isIfDirty),
    guards,
  );
}

/** What has to hold for the moves of all groups. */
function commonCondition(groups: readonly ConditionedMoves[]): string {
  const guards = groups.map((group) => group.guards).reduce(commonGuards);
  return conditionText(
    groups.every(({ transfers }) => transfers.every(({ isIfDirty }) => isIfDirty)),
    guards,
  );
}

function conditionText(isIfDirty: boolean, guards: readonly Guard[]): string {
  return [...(isIfDirty ? ['dirty'] : []), ...(guards.length > 0 ? [conjunctionText(guards)] : [])].join(' and ');
}

import type { PlaceKind } from '../backends/place.js';
import { hasGuard, isChoice, negate, type Guard } from '../syntax/conditions/guard.js';
import { isReported } from '../syntax/conditions/reports.js';
import { offsetIn } from './callGraph.js';
import type { OwnerInputs } from './ownerInputs.js';
import type { LocatedTransfer } from './registerTransfers.js';

/**
 * The conditions of loads that are this register's own: not those that are about whether the guest ran, nor that its registers
 * can be read, nor what is warned of, nor what chooses the register, nor the availability test.
 */
export function ownConditions(facts: OwnerInputs, loads: readonly LocatedTransfer[], kind: PlaceKind): Guard[] {
  const [first] = loads;
  if (!first) return [];
  const isOfRun = runConditions(facts, first, kind);
  const isMember = (name: string) => facts.symbols.registers.byName.has(name);
  const isReadable = (guard: Guard) => guard.kind !== 'case' && hasGuard(facts.protectedConditions, negate(guard));
  // What a read of guest memory is under in its own function is whether it succeeded.
  const inMemory = facts.from('memory').find((t) => isSamePlace(t, first))?.guards ?? [];
  const isOwn = (guard: Guard) =>
    !isChoice(guard, isMember) && !isReported(guard) && !isOfRun(guard) && !isReadable(guard);
  return first.guards.filter((guard) => isOwn(guard) && !hasGuard(inMemory, guard) && facts.testedIn([guard]) === null);
}

/**
 * Whether a condition of a load is about whether the guest ran: the loads of registers that it writes freely, in the same function
 * and phase, are all under it too; or it is an early exit before loads of several registers.
 */
function runConditions(facts: OwnerInputs, load: LocatedTransfer, kind: PlaceKind): (guard: Guard) => boolean {
  const phase = (t: LocatedTransfer) => facts.phases.at(t.node, offsetIn(t.node, t.offset));
  const isAlike = (t: LocatedTransfer) => t.node === load.node && phase(t) === phase(load);
  const beside = facts.from(kind).filter((t) => isAlike(t) && typeof t.to?.register === 'string');
  const free = beside.filter((t) => isFreelyWritten(facts, t.to?.register ?? null));
  const areSeveral = new Set(beside.map((t) => t.to?.register)).size > 1;
  const areUnder = (guard: Guard, some: readonly LocatedTransfer[]) =>
    some.length > 0 && some.every((t) => hasGuard(t.guards, guard));
  return (guard) => areUnder(guard, free) || (guard.kind === 'exit' && areSeveral && areUnder(guard, beside));
}

/** Whether a guest writes a register without an exit, whatever is intercepted: the GPRs and the instruction pointer. */
function isFreelyWritten({ symbols }: OwnerInputs, name: string | null): boolean {
  const member = name === null ? undefined : symbols.registers.byName.get(name);
  return member?.class === 'gpr' || member?.register === 'RIP';
}

function isSamePlace(one: LocatedTransfer, other: LocatedTransfer): boolean {
  return one.node === other.node && one.offset === other.offset;
}

import type { Place } from '../../backends/place.js';
import { isSlotsPlace } from '../../facts/egpr/slotsPlace.js';
import { groupBy } from '../../model/groupBy.js';
import type { RegisterModel } from '../../model/registerModel.js';
import type { XsaveAssignment } from '../../model/xsave/xsaveModel.js';
import { guardKey } from '../../syntax/conditions/guard.js';

/**
 * Assignments as a table has room for them: those of one function that copy slots of the register cache one by one, each next
 * to the last, are one of all these slots, where the first stands.
 */
export function withSlotRuns({ registers }: RegisterModel, assignments: readonly XsaveAssignment[]): XsaveAssignment[] {
  const order = registers.map(({ member }) => member?.name);
  const numberOf = (at: XsaveAssignment) => order.indexOf(slotOf(at)?.member ?? '');
  const groups = groupBy(assignments, (at) => groupKey(at));
  const runs = new Map<XsaveAssignment, readonly XsaveAssignment[]>();
  for (const group of groups.values()) {
    const slots = group.filter((at) => numberOf(at) >= 0).toSorted((a, b) => numberOf(a) - numberOf(b));
    const isRun = slots.length > 1 && slots.every((at, i) => numberOf(at) === numberOf(slots[0] ?? at) + i);
    if (isRun) for (const at of slots) runs.set(at, slots);
  }
  return assignments.flatMap((at) => {
    const run = runs.get(at);
    const [first] = assignments.filter((one) => run?.includes(one));
    if (!run) return [at];
    return first === at ? [joined(at, run)] : [];
  });
}

/** What is the same of all of a run. */
function groupKey(at: XsaveAssignment): string {
  const { file, state, side, phase, isOncePerRun, callers, through, guards } = at;
  const steps = [...callers, ...through].map((step) => [step.file, step.offset]);
  const slot = slotOf(at);
  return JSON.stringify([
    ...[file, at.function, state, side, phase, isOncePerRun, steps, guards.map(guardKey)],
    ...(slot ? [slot.isTarget, slot.other] : [at.offset, at.from?.name, at.to.name]),
  ]);
}

/** The one slot that an assignment copies, and the place of its other side; null for any other. */
function slotOf({ from, to }: XsaveAssignment): { member: string; isTarget: boolean; other: string | null } | null {
  const place = isSlotsPlace(from) ? from : isSlotsPlace(to) ? to : null;
  const member = /\[(\w+)\]$/.exec(place?.name ?? '')?.[1];
  if (member === undefined) return null;
  const isTarget = place === to;
  return { member, isTarget, other: (isTarget ? from : to)?.name ?? null };
}

function joined(at: XsaveAssignment, run: readonly XsaveAssignment[]): XsaveAssignment {
  const members = [run[0], run.at(-1)].map((one) => (one ? slotOf(one)?.member : undefined) ?? '');
  const ranged = (place: Place): Place =>
    isSlotsPlace(place) ? { ...place, name: place.name.replace(/\[\w+\]$/, `[${members.join('..')}]`) } : place;
  return at.from === null ? { ...at, to: ranged(at.to) } : { ...at, from: ranged(at.from), to: ranged(at.to) };
}

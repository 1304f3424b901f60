import type { Place } from '../../backends/place.js';
import { commonGuards } from '../../syntax/conditions/guard.js';
import { ioctlsOf } from './componentUse.js';
import { inOrder } from './order.js';
import type { TransferFacts } from './callPaths.js';
import type { Step, XsaveTransfer } from './xsaveModel.js';

type Hardware = TransferFacts['hardware'];

/** A transfer, or a value that comes from no place. */
export type XsaveCandidate = Omit<XsaveTransfer, 'from'> & { readonly from: Place | null };

/**
 * One transfer for each statement, what it moves, when, whether for KVM_RUN, and for which other ioctl: the callers of all of them, and of several ways to the same end (XSAVE, or
 * FXSAVE where there is none) the first, under the conditions that all have. Sorted by phase, then by order.
 */
export function mergeTransfers(hardware: Hardware, transfers: readonly XsaveCandidate[]): XsaveCandidate[] {
  const structOf = structNames(hardware);
  const found = new Map<string, XsaveCandidate>();
  for (const t of transfers) {
    const places = [t.from && structOf(t.from), structOf(t.to)];
    const isOfMembers = places.some((name) => name?.endsWith(MEMBERS));
    const where = isOfMembers ? t.function : t.offset;
    const what = [t.file, where, t.state, places, isOfMembers ? null : t.other];
    const key = JSON.stringify([...what, t.side, t.phase, t.isOncePerRun, t.side === 'userspace' ? ioctlsOf(t) : null]);
    const known = found.get(key);
    found.set(key, known ? mergePair(structOf, known, t) : t);
  }
  return [...found.values()].sort(inOrder);
}

/** What stands for several members of a struct. */
const MEMBERS = '.*';

/** A place by name; of a struct that is copied member by member, the struct. */
function structNames(hardware: Hardware): (place: Place) => string {
  return ({ kind, name }) =>
    kind === 'userspace' || hardware.get(kind)?.role === 'launch-area'
      ? name.replace(/^(kvm_fpu|save)\..*$/, `$1${MEMBERS}`)
      : `${kind} ${name}`;
}

function mergePair(structOf: (place: Place) => string, a: XsaveCandidate, b: XsaveCandidate): XsaveCandidate {
  const longer = b.through.length > a.through.length ? b : a;
  const { from, to } = a;
  const whole = <T extends Place | null>(place: T, other: Place | null): T =>
    place && other && place.name !== other.name ? { ...place, name: structOf(place) } : place;
  return {
    ...a,
    leftOut: a.leftOut.filter((name) => b.leftOut.includes(name)),
    from: whole(from, b.from),
    to: whole(to, b.to),
    through: longer.through,
    callers: unionSteps(a.callers, b.callers),
    ...sharedGuards(a, b),
  };
}

function sharedGuards(a: XsaveCandidate, b: XsaveCandidate): Pick<XsaveCandidate, 'guards' | 'conditions'> {
  return {
    guards: commonGuards(a.guards, b.guards),
    conditions: commonGuards(a.conditions, b.conditions),
  };
}

function unionSteps(steps: readonly Step[], more: readonly Step[]): Step[] {
  const isKnown = (step: Step) => steps.some((s) => s.file === step.file && s.offset === step.offset);
  return [...steps, ...more.filter((step) => !isKnown(step))];
}

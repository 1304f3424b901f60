import type { ComponentFact, ComponentFacts } from '../../facts/xsave/componentFacts.js';
import { isSlotsPlace } from '../../facts/egpr/slotsPlace.js';
import { APX_COMPONENT, ARCHITECTURAL_COMPONENTS } from '../../facts/xsave/architecturalComponents.js';
import { componentsOfMsr } from '../../facts/xsave/componentMsrs.js';
import { NUMBERED_MSR } from '../../facts/xsave/numberedMsrs.js';
import type { Place } from '../../backends/place.js';
import type { Atom } from '../../syntax/conditions/condition.js';
import { guardTruth, type Guard } from '../../syntax/conditions/guard.js';
import { hasComponent } from './componentBits.js';
import type { CallPath } from './callPaths.js';
import type { XsaveCandidate } from './mergeTransfers.js';
import { ALL_COMPONENTS } from './xsaveModel.js';

/** What a path's flow moves, all of it. */
type Move = Pick<XsaveCandidate, 'state' | 'from' | 'to'>;

/** What a transfer moves: a state, and the components that one of all leaves out. */
type MovedPart = Move & Pick<XsaveCandidate, 'leftOut'>;

/** What a path's flow moves: a state; of FPU state all components, or those alone that there is room for or that are named. */
export function movedParts(facts: ComponentFacts, path: CallPath, move: Move): MovedPart[] {
  const { flow } = path;
  const { state, from, to } = move;
  if (state !== ALL_COMPONENTS) return [{ state, from, to, leftOut: [] }];
  if (flow.msr !== undefined) return partsByMsr(facts, path, flow.msr, move);
  const components = isSlotsPlace(from) || isSlotsPlace(to) ? [APX_COMPONENT] : flow.components;
  if (components) return components.map((number) => ({ state: nameOf(facts, number), from, to, leftOut: [] }));
  const guards = guardsOf(path);
  const leftOut = flow.leftOut.reduce((all, mask) => all | (facts.bitsOf(mask) ?? 0n), 0n);
  const isLeftOut = (component: ComponentFact) =>
    hasComponent(leftOut, component.number) ||
    guards.some((guard) => guardTruth(guard, (atom) => isAbout(facts, component, atom)) === false);
  return [{ state, from, to, leftOut: facts.components.filter(isLeftOut).map(({ name }) => name) }];
}

/** An access to an MSR by its number: the components that have such a register, with its registers' names for the MSR's place. */
function partsByMsr(facts: ComponentFacts, path: CallPath, msr: string, { from, to }: Move): MovedPart[] {
  return componentsOfMsr(msr, guardsOf(path)).map((number) => {
    const holds = ARCHITECTURAL_COMPONENTS.get(number)?.holds ?? NUMBERED_MSR;
    const named = <T extends Place | null>(place: T): T =>
      place?.name === NUMBERED_MSR ? { ...place, name: holds } : place;
    return { state: nameOf(facts, number), leftOut: [], from: named(from), to: named(to) };
  });
}

function guardsOf({ flow, calls }: CallPath): Guard[] {
  return [...flow.guards.flat(), ...calls.flatMap((call) => call.guards)];
}

/** Whether a test of which component a loop is at holds at one: `i == XFEATURE_PKRU`; null for any other test. */
function isAbout({ components }: ComponentFacts, component: ComponentFact, atom: Atom): boolean | null {
  if (atom.kind !== 'comparison' || (atom.operator !== '==' && atom.operator !== '!=')) return null;
  const named = components.find(({ name }) => name === atom.left || name === atom.right);
  return named ? (named === component) === (atom.operator === '==') : null;
}

/** A component's name in the tree; where the tree shows no list of them, what the manual says that it holds. */
function nameOf({ components }: ComponentFacts, number: number): string {
  const known = components.find((component) => component.number === number);
  return known?.name ?? ARCHITECTURAL_COMPONENTS.get(number)?.holds ?? ALL_COMPONENTS;
}

import type { ComponentFact, ComponentFacts } from '../../facts/xsave/componentFacts.js';
import { ARCHITECTURAL_COMPONENTS } from '../../facts/xsave/architecturalComponents.js';
import type { Atom } from '../../syntax/conditions/condition.js';
import { guardTruth } from '../../syntax/conditions/guard.js';
import { hasComponent } from './componentBits.js';
import type { CallPath } from './callPaths.js';
import { ALL_COMPONENTS, type XsaveState, type XsaveTransfer } from './xsaveModel.js';

/** What a transfer moves: a state, and the components that one of all leaves out. */
type MovedPart = Pick<XsaveTransfer, 'state' | 'leftOut'>;

/** What a path's flow moves: a state; of FPU state all components, or those alone that there is room for or that are named. */
export function movedParts(facts: ComponentFacts, { flow, calls }: CallPath, state: XsaveState): MovedPart[] {
  if (state !== ALL_COMPONENTS) return [{ state, leftOut: [] }];
  if (flow.components) return flow.components.map((number) => ({ state: nameOf(facts, number), leftOut: [] }));
  const guards = [...flow.guards.flat(), ...calls.flatMap((call) => call.guards)];
  const leftOut = flow.leftOut.reduce((all, mask) => all | (facts.bitsOf(mask) ?? 0n), 0n);
  const isLeftOut = (component: ComponentFact) =>
    hasComponent(leftOut, component.number) ||
    guards.some((guard) => guardTruth(guard, (atom) => isAbout(facts, component, atom)) === false);
  return [{ state, leftOut: facts.components.filter(isLeftOut).map(({ name }) => name) }];
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

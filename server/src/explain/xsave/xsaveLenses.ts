import { definitionSpan, functionsIn } from '../../model/query/functions.js';
import { assignmentSpan, declarationOfComponent, stateReferences } from '../../model/query/xsaveReferences.js';
import { assignmentsDoneIn } from '../../model/query/xsaveAssignments.js';
import { componentSubject } from '../../model/query/xsaveStates.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { halvesOf } from '../halves.js';
import type { XsaveAssignment } from '../../model/xsave/xsaveModel.js';
import type { Lens } from '../lens.js';
import { ALLOWED } from './componentNotes.js';
import { functionSummary } from './explainXsaveFunction.js';

/** Lenses of XSAVE state: on the FPU core's components, and on functions that switch or copy state. */
export function xsaveLenses(model: RegisterModel, path: string): Lens[] {
  return [...componentLenses(model, path), ...switchLenses(model, path)];
}

function componentLenses(model: RegisterModel, path: string): Lens[] {
  return model.xsave.components
    .filter(({ declared }) => declared.file === path)
    .map((component) => {
      const { number, holds, supported } = component;
      const locations = stateReferences(model, componentSubject(component));
      const parts = [
        number === null ? null : `component ${String(number)}`,
        holds,
        ALLOWED[supported],
        `${String(locations.length)} refs`,
      ];
      return {
        span: declarationOfComponent(component),
        title: parts.filter((part) => part !== null).join(' · '),
        locations,
      };
    });
}

/** On each function that assigns XSAVE state, and on the one that such a function has do it. */
function switchLenses(model: RegisterModel, path: string): Lens[] {
  return functionsIn(model, path).flatMap((fn): Lens[] => {
    const assignments = assignmentsDoneIn(model, fn);
    if (assignments.length === 0) return [];
    return assignmentHalves(assignments).map((half) => ({
      span: definitionSpan(fn),
      title: functionSummary(fn, half),
      locations: half.map((assignment) => assignmentSpan(model, assignment)),
    }));
  });
}

/** The sides of VM-entry, unless the same code does both: it is told by a parameter which. */
function assignmentHalves(assignments: readonly XsaveAssignment[]): readonly (readonly XsaveAssignment[])[] {
  const halves = halvesOf(assignments, ({ phase }) => phase);
  const [entry, exit] = halves.map((half) => half.map(({ file, line }) => `${file}:${String(line)}`));
  return entry?.some((place) => exit?.includes(place)) === true ? [assignments] : halves;
}

import { conditionsText } from '../../explain/conditionsText.js';
import { explanationLines } from '../../explain/explanationText.js';
import { explainXsaveState } from '../../explain/xsave/explainXsave.js';
import { owningAssignments } from '../../model/query/xsaveAssignments.js';
import type { XsaveSubject } from '../../model/query/xsaveStates.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { placeLine, type Line } from '../lines.js';
import { assignmentJson, placeJson } from './xsaveJson.js';

/** Who owns a piece of XSAVE state, as JSON: its transfers as `xsave --json` has them. */
export function stateOwnersJson(model: RegisterModel, subject: XsaveSubject): object {
  const transfers = owningAssignments(model, subject).map((assignment) => ({
    ...assignmentJson(assignment),
    from: assignment.from && placeJson(assignment.from),
  }));
  return { schema: 1, state: subject.state, name: subject.component?.name ?? null, kernel: model.kernel, transfers };
}

/** The same as text: what its hover says, then the transfers as lines that editors jump from. */
export function stateOwnersLines(model: RegisterModel, subject: XsaveSubject): Line[] {
  const places = owningAssignments(model, subject).map((at) => {
    const place = `${at.file}:${String(at.line)}:${String(at.column)}`;
    const move = `via ${at.from?.name ?? at.other} -> ${at.to.name}`;
    return placeLine(
      `${place}: ${at.side} ${at.state} ${move} in ${at.function} (${at.phase})${conditionsText(at.guards)}`,
    );
  });
  return [...explanationLines(explainXsaveState(model, subject)), '', ...places];
}

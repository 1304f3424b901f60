import type { RegisterModel } from '../../model/registerModel.js';
import { ALL_COMPONENTS, type XsaveAssignment } from '../../model/xsave/xsaveModel.js';
import type { Span } from '../../syntax/text/sourceText.js';
import { wordAt } from '../explainAt.js';
import { waysOfState, xsaveSubjectAt, type XsaveSubject } from './xsaveSubject.js';

/** The XSAVE state that the token at an offset means, with the token; null where it means none. */
export function stateAt(
  model: RegisterModel,
  path: string,
  offset: number,
): { readonly token: Span; readonly subject: XsaveSubject } | null {
  const token = wordAt(model.files.get(path)?.source.text ?? '', offset);
  const subject = token && xsaveSubjectAt(model, path, token);
  return token && subject ? { token, subject } : null;
}

/** The ways that say who owns a state: its own, around VM-entry first; for a component without any, those of all components. */
export function owningWays(model: RegisterModel, subject: XsaveSubject): readonly XsaveAssignment[] {
  const own = waysOfState(model, subject);
  if (own.length > 0 || subject.component === null) return own;
  return model.xsave.transfers.filter((t) => t.state === ALL_COMPONENTS);
}

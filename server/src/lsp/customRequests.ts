import { ownerSummary } from '../explain/ownerSummary.js';
import { wordsOf } from '../explain/words.js';
import { shownGuard } from '../syntax/conditions/guard.js';
import { explainAt } from '../explain/explainAt.js';
import { findRegister } from '../explain/explainRegister.js';
import { explanationText, phraseText } from '../explain/explanationText.js';
import { ownReferences, registersAt, transferToken } from '../explain/registersAtCursor.js';
import { owningWays, stateAt } from '../explain/xsave/stateAt.js';
import { wayToken } from '../explain/xsave/stateReferences.js';
import { groupStatement, wayGroups } from '../explain/xsave/assignmentGroups.js';
import type { XsaveSubject } from '../explain/xsave/xsaveSubject.js';
import type { Register, RegisterModel } from '../model/registerModel.js';
import type { AnswerOptions, PlaceAnswer, Questions } from './answers.js';
import { limited } from './hover.js';
import { ownersFirst } from './navigation.js';
import { locationsOf, offsetOf } from './positions.js';
import type { OwnerItem } from './protocol.js';

/** kvmRegs/explain: the hover's text. */
export const explain: PlaceAnswer<{ readonly text: string }> = ({ model, path }, { position }, options) => {
  const source = model.files.get(path)?.source;
  const found = source ? explainAt(model, path, offsetOf(source, position, options.encoding)) : null;
  return found && { text: explanationText(limited(found.explanation, options)) };
};

/** kvmRegs/owners: the register at a place with its owners, the file's backend first; of XSAVE state, the ways that it goes. */
export const owners: PlaceAnswer<NonNullable<Questions['owners']['answer']>> = (
  { model, path },
  { position },
  options,
) => {
  const source = model.files.get(path)?.source;
  const found = source ? registersAt(model, path, offsetOf(source, position, options.encoding)) : null;
  const [register] = found?.registers ?? [];
  if (register) return { register: register.register, owners: ownerItems(model, path, register, options) };
  const state = source ? stateAt(model, path, offsetOf(source, position, options.encoding)) : null;
  return state && { register: state.subject.name, owners: stateItems(model, state.subject, options) };
};

/** kvmRegs/register: a register by name, with its owners and references; of the first tree that has it. */
export function register(
  models: readonly RegisterModel[],
  name: string,
  options: AnswerOptions,
): Questions['register']['answer'] {
  for (const model of models) {
    const found = findRegister(model, name);
    if (!found) continue;
    const references = locationsOf(model, ownReferences(model, found), options.encoding);
    return { register: found.register, owners: ownerItems(model, '', found, options), references };
  }
  return null;
}

function stateItems(model: RegisterModel, subject: XsaveSubject, options: AnswerOptions): OwnerItem[] {
  return wayGroups(owningWays(model, subject)).map((group) => ({
    backend: group.first.phase,
    sync: 'xsave',
    label: phraseText(groupStatement(group).phrases),
    detail: group.first.conditions.map(shownGuard).join(' && '),
    locations: locationsOf(
      model,
      group.ways.map((t) => wayToken(model, t)),
      options.encoding,
    ),
  }));
}

function ownerItems(model: RegisterModel, path: string, found: Register, options: AnswerOptions): OwnerItem[] {
  return ownersFirst(model, path, found, options).map((owner) => ({
    backend: owner.backend,
    sync: owner.sync,
    label: `${wordsOf(model).backend(owner.backend)}: ${owner.sync}, ${owner.place.name}${owner.when === null ? '' : `, if ${owner.when.text}`}`,
    detail: ownerSummary(model, found, owner),
    locations: locationsOf(
      model,
      [...owner.load, ...owner.store].map((t) => transferToken(model, found, t)),
      options.encoding,
    ),
  }));
}

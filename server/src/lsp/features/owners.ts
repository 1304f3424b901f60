import type { OwnerItem, Owners } from '../../../../protocol/protocol.js';
import { ownerSummary } from '../../explain/ownerSummary.js';
import { wordsOf } from '../../explain/words.js';
import { shownGuard } from '../../syntax/conditions/guard.js';
import { phraseText } from '../../explain/explanationText.js';
import { transferToken } from '../../explain/registersAtCursor.js';
import { groupStatement, wayGroups } from '../../explain/xsave/assignmentGroups.js';
import { owningWays } from '../../explain/xsave/stateAt.js';
import { wayToken } from '../../explain/xsave/stateReferences.js';
import type { XsaveSubject } from '../../explain/xsave/xsaveSubject.js';
import type { Register } from '../../model/registerModel.js';
import type { AnswerOptions } from '../answerOptions.js';
import type { Place, TreeModel } from '../engine/trees.js';
import { locationsOf } from '../positions.js';
import { ownersFirst, registersAtCursor, stateAtCursor } from './atCursor.js';
import { treeRequest } from './feature.js';
import { ownRequest } from './ownRequest.js';
import { inTree, placeQuestion, type PlaceQuestion } from './place.js';

export const owners = treeRequest({
  request: ownRequest('kvmRegs/owners'),
  capability: {},
  setting: null,
  urgency: 'command',
  question: placeQuestion,
  answer: inTree(ownersAt),
});

/** The register at a place with its owners, the file's backend first; of XSAVE state, the ways that it goes. */
function ownersAt(place: Place, question: PlaceQuestion, options: AnswerOptions): Owners | null {
  const [register] = registersAtCursor(place, question, options)?.registers ?? [];
  if (register) return { register: register.register, owners: ownerItems(place, register, options) };
  const state = stateAtCursor(place, question, options);
  return state && { register: state.subject.name, owners: stateItems(place, state.subject, options) };
}

/** A register's owners, those of the place's backend first. */
export function ownerItems(place: Place, register: Register, options: AnswerOptions): OwnerItem[] {
  return ownersFirst(place, register, options).map((owner) => ({
    backend: owner.backend,
    sync: owner.sync,
    label: `${wordsOf(place.model).backend(owner.backend)}: ${owner.sync}, ${owner.place.name}${owner.when === null ? '' : `, if ${owner.when.text}`}`,
    detail: ownerSummary(place.model, register, owner),
    locations: locationsOf(
      place,
      [...owner.load, ...owner.store].map((transfer) => transferToken(place.model, register, transfer)),
      options.encoding,
    ),
  }));
}

function stateItems(tree: TreeModel, subject: XsaveSubject, options: AnswerOptions): OwnerItem[] {
  return wayGroups(owningWays(tree.model, subject)).map((group) => ({
    backend: group.first.phase,
    sync: 'xsave',
    label: phraseText(groupStatement(group).phrases),
    detail: group.first.conditions.map(shownGuard).join(' && '),
    locations: locationsOf(
      tree,
      group.ways.map((way) => wayToken(tree.model, way)),
      options.encoding,
    ),
  }));
}

import type { OwnerItem, Owners } from '../../../../protocol/protocol.js';
import { phraseText } from '../../explain/explanationText.js';
import { oneLine } from '../../explain/printable.js';
import { ownerSummary } from '../../explain/ownerSummary.js';
import { wordsOf } from '../../explain/words.js';
import { assignmentGroups, groupStatement } from '../../explain/xsave/assignmentGroups.js';
import { registersBehind, stateOf } from '../../model/query/definedRegisters.js';
import { transferSpan } from '../../model/query/transfers.js';
import { assignmentSpan } from '../../model/query/xsaveReferences.js';
import { owningAssignments } from '../../model/query/xsaveAssignments.js';
import type { XsaveSubject } from '../../model/query/xsaveStates.js';
import type { Register } from '../../model/registerModel.js';
import { conjunctionText } from '../../syntax/conditions/guard.js';
import type { AnswerOptions } from '../answerOptions.js';
import type { Place, TreeModel } from '../engine/trees.js';
import { locationsOf } from '../positions.js';
import { definitionAtCursor, ownersFirst } from './atCursor.js';
import { treeRequest } from './feature.js';
import { ownRequest } from './ownRequest.js';
import { inTree, placeQuestion, type PlaceQuestion } from './treeQuestion.js';

export const owners = treeRequest({
  request: ownRequest('kvmRegs/owners'),
  capability: {},
  setting: null,
  urgency: 'command',
  question: placeQuestion,
  answer: inTree(ownersAt),
});

/** The register at a place with its owners, the file's backend first; of XSAVE state, who assigns it. */
function ownersAt(place: Place, question: PlaceQuestion, options: AnswerOptions): Owners | null {
  const definition = definitionAtCursor(place, question, options);
  if (!definition) return null;
  const [register] = registersBehind(place.model, definition);
  if (register) return { register: register.register, owners: ownerItems(place, register, options) };
  const state = stateOf(definition);
  return state && { register: state.name, owners: stateItems(place, state, options) };
}

/** A register's owners, those of the place's backend first. */
export function ownerItems(place: Place, register: Register, options: AnswerOptions): OwnerItem[] {
  const { model } = place;
  const words = wordsOf(model);
  return ownersFirst(place, register, options).map((owner) => ({
    backend: owner.backend,
    sync: owner.sync,
    label: oneLine(
      `${words.backend(owner.backend)}: ${owner.sync}, ${owner.place.name}${owner.when === null ? '' : `, if ${owner.when.text}`}`,
    ),
    detail: oneLine(ownerSummary(model, register, owner)),
    locations: locationsOf(
      place,
      [...owner.load, ...owner.store].map((t) => transferSpan(model, register.member?.name ?? null, t)),
      options.encoding,
    ),
  }));
}

function stateItems(tree: TreeModel, state: XsaveSubject, options: AnswerOptions): OwnerItem[] {
  const { model } = tree;
  return assignmentGroups(owningAssignments(model, state)).map((group) => ({
    backend: group.first.phase,
    sync: 'xsave',
    label: oneLine(phraseText(groupStatement(wordsOf(model), group).phrases)),
    detail: oneLine(conjunctionText(group.first.conditions)),
    locations: locationsOf(
      tree,
      group.assignments.map((assignment) => assignmentSpan(model, assignment)),
      options.encoding,
    ),
  }));
}

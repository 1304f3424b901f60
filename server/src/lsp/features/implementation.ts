import { ImplementationRequest, type Location } from 'vscode-languageserver';
import { registersBehind, stateOf } from '../../model/query/definedRegisters.js';
import { distinctSpans } from '../../model/query/text.js';
import { transferSpan } from '../../model/query/transfers.js';
import { assignmentSpan } from '../../model/query/xsaveReferences.js';
import { owningAssignments } from '../../model/query/xsaveAssignments.js';
import type { AnswerOptions } from '../answerOptions.js';
import type { Place } from '../engine/trees.js';
import { locationsOf } from '../positions.js';
import { switchSetting } from '../settings.js';
import { definitionAtCursor, nonEmpty, ownersFirst } from './atCursor.js';
import { treeRequest } from './feature.js';
import { inTree, placeQuestion, type PlaceQuestion } from './treeQuestion.js';

export const implementation = treeRequest({
  request: ImplementationRequest.type,
  capability: { implementationProvider: true },
  setting: switchSetting(
    'implementation.enable',
    true,
    'Go to Implementations: the code that brings a register into the cache.',
  ),
  urgency: 'command',
  question: placeQuestion,
  answer: inTree(implementations),
});

/** The transfers that bring a register into the cache, the file's backend first; of XSAVE state, what switches it. */
function implementations(place: Place, question: PlaceQuestion, options: AnswerOptions): Location[] | null {
  const { model } = place;
  const definition = definitionAtCursor(place, question, options);
  if (!definition) return null;
  const loads = registersBehind(model, definition).flatMap((register) =>
    ownersFirst(place, register, options).flatMap((owner) =>
      owner.load.map((transfer) => transferSpan(model, register.member?.name ?? null, transfer)),
    ),
  );
  const state = stateOf(definition);
  const switches = state ? owningAssignments(model, state).map((at) => assignmentSpan(model, at)) : [];
  return nonEmpty(locationsOf(place, distinctSpans([...loads, ...switches]), options.encoding));
}

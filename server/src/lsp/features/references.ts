import { ReferencesRequest, type Location } from 'vscode-languageserver';
import { registersOf, stateOf } from '../../model/query/definedRegisters.js';
import { referenceSpans } from '../../model/query/references.js';
import { distinctSpans } from '../../model/query/text.js';
import { stateReferences } from '../../model/query/xsaveReferences.js';
import type { AnswerOptions } from '../answerOptions.js';
import type { Place } from '../engine/trees.js';
import { locationsOf } from '../positions.js';
import { switchSetting } from '../settings.js';
import { definitionAtCursor, nonEmpty } from './atCursor.js';
import { treeRequest } from './feature.js';
import { inTree, placeQuestion, type PlaceQuestion } from './treeQuestion.js';

export const references = treeRequest({
  request: ReferencesRequest.type,
  capability: { referencesProvider: true },
  setting: switchSetting(
    'references.enable',
    true,
    'References to registers in C and assembly, through accessors, macros and sets.',
  ),
  urgency: 'command',
  question: placeQuestion,
  answer: inTree(referencesAt),
});

/** Every reference of a register's own, or of XSAVE state. */
export function referencesAt(place: Place, question: PlaceQuestion, options: AnswerOptions): Location[] | null {
  const { model } = place;
  const definition = definitionAtCursor(place, question, options);
  if (!definition) return null;
  const state = stateOf(definition);
  const spans = state
    ? stateReferences(model, state)
    : registersOf(model, definition).flatMap((register) => referenceSpans(model, register));
  return nonEmpty(locationsOf(place, distinctSpans(spans), options.encoding));
}

import { ReferencesRequest, type Location } from 'vscode-languageserver';
import { distinctSpans, ownReferences } from '../../explain/registersAtCursor.js';
import { stateReferences } from '../../explain/xsave/stateReferences.js';
import type { AnswerOptions } from '../answerOptions.js';
import type { Place } from '../engine/trees.js';
import { locationsOf } from '../positions.js';
import { switchSetting } from '../settings.js';
import { nonEmpty, registersAtCursor, stateAtCursor } from './atCursor.js';
import { treeRequest } from './feature.js';
import { inTree, placeQuestion, type PlaceQuestion } from './place.js';

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
  const found = registersAtCursor(place, question, options);
  const state = found ? null : stateAtCursor(place, question, options);
  const spans = found
    ? found.registers.flatMap((register) => ownReferences(place.model, register))
    : state
      ? stateReferences(place.model, state.subject)
      : [];
  return nonEmpty(locationsOf(place, distinctSpans(spans), options.encoding));
}

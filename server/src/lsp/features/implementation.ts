import { ImplementationRequest, type Location } from 'vscode-languageserver';
import { distinctSpans, transferToken } from '../../explain/registersAtCursor.js';
import { owningWays } from '../../explain/xsave/stateAt.js';
import { wayToken } from '../../explain/xsave/stateReferences.js';
import type { AnswerOptions } from '../answerOptions.js';
import type { Place } from '../engine/trees.js';
import { locationsOf } from '../positions.js';
import { switchSetting } from '../settings.js';
import { nonEmpty, ownersFirst, registersAtCursor, stateAtCursor } from './atCursor.js';
import { treeRequest } from './feature.js';
import { inTree, placeQuestion, type PlaceQuestion } from './place.js';

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
  const found = registersAtCursor(place, question, options);
  const state = found ? null : stateAtCursor(place, question, options);
  const spans = found
    ? found.registers.flatMap((register) =>
        ownersFirst(place, register, options).flatMap((owner) =>
          owner.load.map((transfer) => transferToken(model, register, transfer)),
        ),
      )
    : state && owningWays(model, state.subject).map((way) => wayToken(model, way));
  return nonEmpty(locationsOf(place, distinctSpans(spans ?? []), options.encoding));
}

import { detailsOf } from '../../explain/explainDetails.js';
import { detailsText } from '../../explain/detailsText.js';
import { explanationText } from '../../explain/explanationText.js';
import { isChosenBackend } from '../answerOptions.js';
import { definitionAtCursor } from './atCursor.js';
import { explainedAt } from './explained.js';
import { treeRequest } from './feature.js';
import { ownRequest } from './ownRequest.js';
import { inTree, placeQuestion } from './treeQuestion.js';

/** The hover's text, with the lists that a hover has no room for. */
export const explain = treeRequest({
  request: ownRequest('kvmRegs/explain'),
  capability: {},
  setting: null,
  urgency: 'command',
  question: placeQuestion,
  answer: inTree((place, question, options) => {
    const explained = explainedAt(place, question, options);
    const details = detailsOf(place.model, definitionAtCursor(place, question, options));
    if (!explained || !details) return null;
    const owners = details.owners.filter(({ backend }) => isChosenBackend(backend, options));
    const more = detailsText({ ...details, owners });
    return { text: [explanationText(explained.explanation), more].filter((text) => text !== '').join('\n\n') };
  }),
});

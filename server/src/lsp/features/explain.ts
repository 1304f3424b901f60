import { explanationText } from '../../explain/explanationText.js';
import { explainedAt } from './explained.js';
import { treeRequest } from './feature.js';
import { ownRequest } from './ownRequest.js';
import { inTree, placeQuestion } from './treeQuestion.js';

/** The hover's text, of the whole tree. */
export const explain = treeRequest({
  request: ownRequest('kvmRegs/explain'),
  capability: {},
  setting: null,
  urgency: 'command',
  question: placeQuestion,
  answer: inTree((place, question, options) => {
    const explained = explainedAt(place, question, options);
    return explained && { text: explanationText(explained.explanation) };
  }),
});

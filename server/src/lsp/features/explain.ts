import { detailsOf } from '../../explain/explainDetails.js';
import { detailsText } from '../../explain/detailsText.js';
import { escapeMarkdown } from '../../explain/markdownText.js';
import { explanationText } from '../../explain/explanationText.js';
import { isChosenBackend } from '../answerOptions.js';
import { definitionAtCursor } from './atCursor.js';
import { directoryUri } from '../positions.js';
import { detailsMarkdown, explanationMarkdown, relativeTarget } from '../markdown.js';
import { explainedAt } from './explained.js';
import { TEXT_COLUMNS } from '../textColumns.js';
import { treeRequest } from './feature.js';
import { ownRequest } from './ownRequest.js';
import { inTree, placeQuestion } from './treeQuestion.js';

/** The hover's text, of the whole tree, with the lists that a hover has no room for. */
export const explain = treeRequest({
  request: ownRequest('kvmRegs/explain'),
  capability: {},
  setting: null,
  urgency: 'command',
  question: placeQuestion,
  answer: inTree((place, question, options) => {
    const explained = explainedAt(place, question, options);
    const found = detailsOf(place.model, definitionAtCursor(place, question, options));
    if (!explained || !found) return null;
    const { title, explanation, root } = explained;
    const details = { ...found, owners: found.owners.filter(({ backend }) => isChosenBackend(backend, options)) };
    const more = detailsMarkdown(details, relativeTarget);
    return {
      title,
      root: directoryUri(root),
      text: [explanationText(explanation, TEXT_COLUMNS), detailsText(details, TEXT_COLUMNS)]
        .filter((text) => text !== '')
        .join('\n\n'),
      markdown:
        [`# ${escapeMarkdown(title)}`, explanationMarkdown(explanation, relativeTarget), ...more].join('\n\n') + '\n',
    };
  }),
});

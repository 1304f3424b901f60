import { explanationText } from '../../explain/explanationText.js';
import { directoryUri } from '../positions.js';
import { escapeMarkdown, explanationMarkdown, relativeTarget } from '../markdown.js';
import { explainedAt } from './explained.js';
import { treeRequest } from './feature.js';
import { ownRequest } from './ownRequest.js';
import { inTree, placeQuestion } from './treeQuestion.js';

/** The hover's text, of the whole tree, whatever its length. */
export const explain = treeRequest({
  request: ownRequest('kvmRegs/explain'),
  capability: {},
  setting: null,
  urgency: 'command',
  question: placeQuestion,
  answer: inTree((place, question, options) => {
    const explained = explainedAt(place, question, options);
    if (!explained) return null;
    const { title, explanation, root } = explained;
    return {
      title,
      root: directoryUri(root),
      text: explanationText(explanation),
      markdown: `# ${escapeMarkdown(title)}\n\n${explanationMarkdown(explanation, relativeTarget)}\n`,
    };
  }),
});

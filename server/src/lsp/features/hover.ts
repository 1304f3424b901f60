import { HoverRequest, MarkupKind, type Hover, type MarkupContent } from 'vscode-languageserver';
import { LINKED_COMMANDS } from '../../../../protocol/protocol.js';
import { fittingExplanation } from '../../explain/fittingExplanation.js';
import { explanationText } from '../../explain/explanationText.js';
import type { AnswerOptions } from '../answerOptions.js';
import type { Place } from '../engine/trees.js';
import { explanationMarkdown, linkTarget, uriTarget } from '../markdown.js';
import { switchSetting } from '../settings.js';
import { TEXT_COLUMNS } from '../textColumns.js';
import { explainedAt, explainedMeanwhile, type Explained } from './explained.js';
import { treeRequest } from './feature.js';
import { placeQuestion, type PlaceQuestion } from './treeQuestion.js';

export const hover = treeRequest({
  request: HoverRequest.type,
  capability: { hoverProvider: true },
  setting: switchSetting('hover.enable', true, 'Hovers on registers, accessors and what moves them.'),
  urgency: 'hover',
  question: placeQuestion,
  answer: function* (trees, question, options) {
    const meanwhile = trees.meanwhile(question.uri);
    const early = meanwhile && explainedMeanwhile(meanwhile, question, options);
    if (early) return hoverOf(early, question, options);
    const place = yield* trees.place(question.uri);
    return place && hoverAt(place, question, options);
  },
});

/** The hover at a position; null where there is nothing to tell. */
export function hoverAt(place: Place, question: PlaceQuestion, options: AnswerOptions): Hover | null {
  const explained = explainedAt(place, question, options);
  return explained && hoverOf(explained, question, options);
}

function hoverOf(
  { explanation, root, range, hasOwner }: Explained,
  question: PlaceQuestion,
  options: AnswerOptions,
): Hover {
  if (!options.isMarkdown) {
    const value = explanationText(fittingExplanation(explanation, TEXT_COLUMNS), TEXT_COLUMNS);
    return { contents: { kind: MarkupKind.PlainText, value }, range };
  }
  const text = explanationMarkdown(fittingExplanation(explanation), uriTarget(root));
  const value = options.hasCommandLinks && hasOwner ? `${text}\n\n${commandLinks(question)}` : text;
  return { contents: { kind: MarkupKind.Markdown, value } satisfies MarkupContent, range };
}

function commandLinks({ uri, position }: PlaceQuestion): string {
  const place = encodeURIComponent(JSON.stringify([uri, position]));
  return Object.entries(LINKED_COMMANDS)
    .map(([title, command]) => `[${title}](${linkTarget(`command:${command}?${place}`)})`)
    .join(' · ');
}

import { MarkupKind, type Hover } from 'vscode-languageserver';
import { explainAt } from '../explain/explainAt.js';
import type { Explanation } from '../explain/explanation.js';
import { explanationText } from '../explain/explanationText.js';
import type { AnswerOptions, PlaceAnswer } from './answers.js';
import { explanationMarkdown } from './markdown.js';
import { offsetOf, rangeOf } from './positions.js';

/** textDocument/hover */
export const hover: PlaceAnswer<Hover> = ({ model, path }, { position }, options) => {
  const source = model.files.get(path)?.source;
  const found = source ? explainAt(model, path, offsetOf(source, position, options.encoding)) : null;
  if (!source || !found) return null;
  return {
    contents: contentsOf(limited(found.explanation, options), model.root, options),
    range: rangeOf(source, found, options.encoding),
  };
};

/** An explanation in the form that the client shows. */
export function contentsOf(
  explanation: Explanation,
  root: string,
  { isMarkdown }: AnswerOptions,
): Exclude<Hover['contents'], string | readonly unknown[]> {
  return isMarkdown
    ? { kind: MarkupKind.Markdown, value: explanationMarkdown(explanation, root) }
    : { kind: MarkupKind.PlainText, value: explanationText(explanation) };
}

/** An explanation that speaks of the wanted backends only. */
export function limited(explanation: Explanation, { backends }: AnswerOptions): Explanation {
  if (backends.length === 0) return explanation;
  return { ...explanation, owners: explanation.owners.filter((owner) => backends.includes(owner.backend)) };
}

import { MarkupKind, type Hover, type Position } from 'vscode-languageserver';
import { explainAt } from '../explain/explainAt.js';
import type { Explanation } from '../explain/explanation.js';
import { explanationText } from '../explain/explanationText.js';
import { registersAt } from '../explain/registersAtCursor.js';
import { stateAt } from '../explain/xsave/stateAt.js';
import type { AnswerOptions, PlaceAnswer } from './answers.js';
import { explanationMarkdown, linkTarget } from './markdown.js';
import { offsetOf, rangeOf } from './positions.js';
import { LINKED_COMMANDS } from './protocol.js';

/** textDocument/hover */
export const hover: PlaceAnswer<Hover> = ({ model, path }, { uri, position }, options) => {
  const source = model.files.get(path)?.source;
  const offset = source ? offsetOf(source, position, options.encoding) : 0;
  const found = explainAt(model, path, offset);
  if (!source || !found) return null;
  const contents = contentsOf(limited(found.explanation, options), model.root, options);
  const hasOwner = () => registersAt(model, path, offset) !== null || stateAt(model, path, offset) !== null;
  const hasLinks = options.isMarkdown && options.hasCommandLinks && hasOwner();
  return {
    contents: hasLinks ? { ...contents, value: `${contents.value}\n\n${commandLinks(uri, position)}` } : contents,
    range: rangeOf(source, found, options.encoding),
  };
};

function commandLinks(uri: string, position: Position): string {
  const place = encodeURIComponent(JSON.stringify([uri, position]));
  return Object.entries(LINKED_COMMANDS)
    .map(([title, command]) => `[${title}](${linkTarget(`command:${command}?${place}`)})`)
    .join(' · ');
}

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

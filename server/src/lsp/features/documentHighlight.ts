import { DocumentHighlightKind, DocumentHighlightRequest, type DocumentHighlight } from 'vscode-languageserver';
import { registersOf, stateOf } from '../../model/query/definedRegisters.js';
import { accessOf, referencesToAny, type Reference } from '../../model/query/references.js';
import { sourceOf } from '../../model/query/text.js';
import { stateReferences } from '../../model/query/xsaveReferences.js';
import type { Span } from '../../syntax/text/sourceText.js';
import type { AnswerOptions } from '../answerOptions.js';
import type { Place } from '../engine/trees.js';
import { rangeOf } from '../positions.js';
import { switchSetting } from '../settings.js';
import { definitionAtCursor } from './atCursor.js';
import { treeRequest } from './feature.js';
import { inTree, placeQuestion, type PlaceQuestion } from './treeQuestion.js';

export const documentHighlight = treeRequest({
  request: DocumentHighlightRequest.type,
  capability: { documentHighlightProvider: true },
  setting: switchSetting(
    'documentHighlight.enable',
    true,
    "Highlights of the register under the cursor, read or written, in the file's other places.",
  ),
  urgency: 'display',
  question: placeQuestion,
  answer: inTree(highlights),
});

/** A register's own references in the file, with what they do; of XSAVE state, where the file names it. */
function highlights(place: Place, question: PlaceQuestion, options: AnswerOptions): DocumentHighlight[] | null {
  const { model, path } = place;
  const definition = definitionAtCursor(place, question, options);
  const source = sourceOf(model, path);
  if (!definition || !source) return null;
  const range = (span: Span) => rangeOf(source, span, options.encoding);
  const state = stateOf(definition);
  if (state) {
    const named = stateReferences(model, state).filter(({ file }) => file === path);
    return named.map((span) => ({ range: range(span) }));
  }
  const registers = registersOf(model, definition);
  if (registers.length === 0) return null;
  const own = referencesToAny(model, path, registers);
  const shown = own.map((reference) => ({ range: range(reference), kind: highlightKind(reference) }));
  // What moves or stands for several registers is no reference of one.
  const hasToken = own.some(({ start }) => start === definition.token.start);
  return hasToken ? shown : [{ range: range(definition.token) }, ...shown];
}

function highlightKind(reference: Reference): DocumentHighlightKind {
  const access = accessOf(reference);
  if (access === null) return DocumentHighlightKind.Text;
  return access === 'write' ? DocumentHighlightKind.Write : DocumentHighlightKind.Read;
}

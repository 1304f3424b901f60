import { DocumentHighlightKind, DocumentHighlightRequest, type DocumentHighlight } from 'vscode-languageserver';
import { isOwn } from '../../explain/registersAtCursor.js';
import { stateReferences } from '../../explain/xsave/stateReferences.js';
import type { Reference } from '../../facts/registers/reference.js';
import type { AnswerOptions } from '../answerOptions.js';
import type { Place } from '../engine/trees.js';
import { rangeOf } from '../positions.js';
import { switchSetting } from '../settings.js';
import { registersAtCursor, stateAtCursor } from './atCursor.js';
import { treeRequest } from './feature.js';
import { inTree, placeQuestion, type PlaceQuestion } from './place.js';

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

/** The token that is asked about and a register's own references in the file, with what they do. */
function highlights(place: Place, question: PlaceQuestion, options: AnswerOptions): DocumentHighlight[] | null {
  const found = registersAtCursor(place, question, options);
  const file = place.model.files.get(place.path);
  if (!found && file) return stateHighlights(place, question, options);
  if (!found || found.registers.length === 0 || !file) return null;
  const own = file.references.filter((reference) => found.registers.some((register) => isOwn(reference, register)));
  const shown = own.map((reference): DocumentHighlight => ({
    range: rangeOf(file.source, reference, options.encoding),
    kind: highlightKind(reference),
  }));
  // What moves or stands for several registers is no reference of one.
  const hasToken = own.some(({ start }) => start === found.token.start);
  return hasToken ? shown : [{ range: rangeOf(file.source, found.token, options.encoding) }, ...shown];
}

function stateHighlights(place: Place, question: PlaceQuestion, options: AnswerOptions): DocumentHighlight[] | null {
  const state = stateAtCursor(place, question, options);
  const source = place.model.files.get(place.path)?.source;
  if (!state || !source) return null;
  return stateReferences(place.model, state.subject)
    .filter(({ file }) => file === place.path)
    .map((span) => ({ range: rangeOf(source, span, options.encoding) }));
}

function highlightKind({ kind }: Reference): DocumentHighlightKind {
  if (/^write|readwrite|asm-store/.test(kind)) return DocumentHighlightKind.Write;
  return /^read|asm-load/.test(kind) ? DocumentHighlightKind.Read : DocumentHighlightKind.Text;
}

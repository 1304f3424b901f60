import { memoizeByFingerprint, memoizeByIdentity } from '../../cache/memoize.js';
import type { SourceText, Span } from '../../syntax/text/sourceText.js';
import { forEachToken } from '../../syntax/text/tokens.js';
import { groupBy } from '../groupBy.js';
import type { RegisterModel } from '../registerModel.js';
import type { XsaveAssignment, XsaveComponent } from '../xsave/xsaveModel.js';
import { byPlace, distinctSpans, nameSpan, type FileSpan } from './text.js';
import { transferSpan } from './transfers.js';
import { assignmentsOf } from './xsaveAssignments.js';
import { xsaveStateAt, xsaveStateWords, type XsaveSubject } from './xsaveStates.js';

/** Where an assignment of XSAVE state is: the first word of its statement. */
export function assignmentSpan(model: RegisterModel, assignment: XsaveAssignment): FileSpan {
  return transferSpan(model, null, assignment);
}

/** Where an XSAVE component is declared. */
export function declarationOfComponent({ declared, name }: XsaveComponent): FileSpan {
  return nameSpan(declared.file, declared.offset, name);
}

/**
 * Every place where a tree names a piece of XSAVE state: its component and mask, its MSR, the members that keep it; and where
 * it is switched or copied without any of these. In the order of files and offsets.
 */
export function stateReferences(model: RegisterModel, subject: XsaveSubject): FileSpan[] {
  const named = namesOfStates(model).get(subject.state) ?? [];
  const assigned = assignmentsOf(model, subject).map((assignment) => assignmentSpan(model, assignment));
  return distinctSpans([...named.map(({ span }) => span), ...assigned]).sort(byPlace);
}

/** By state, where it is named. */
const namesOfStates = memoizeByIdentity((model: RegisterModel) => {
  const words = xsaveStateWords(model);
  const named = [...model.files.values()].flatMap(({ source }) =>
    wordsAmong(source)(words).flatMap((word) => {
      const state = xsaveStateAt(model, source.path, word)?.state;
      return state === undefined ? [] : [{ state, span: { file: source.path, ...word } }];
    }),
  );
  return groupBy(named, ({ state }) => state);
});

/** Where some words stand in a text, outside comments and literals. */
const wordsAmong = memoizeByIdentity((source: SourceText) =>
  memoizeByFingerprint(
    (words: readonly string[]) => words,
    (words) => findWords(source, words),
  ),
);

function findWords({ text }: SourceText, words: readonly string[]): readonly Span[] {
  const wanted = new Set(words);
  const spans: Span[] = [];
  forEachToken(text, 0, text.length, (kind, start, end) => {
    if (kind === 'word' && wanted.has(text.slice(start, end))) spans.push({ start, end });
  });
  return spans;
}

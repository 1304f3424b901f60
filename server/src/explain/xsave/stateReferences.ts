import { ARCH_FIELDS, STATE_MSRS, XCR0_INDEX } from '../../facts/xsave/stateInterfaces.js';
import { LOADED_MEMBER } from '../../facts/xsave/origins.js';
import type { RegisterModel } from '../../model/registerModel.js';
import type { XsaveAssignment } from '../../model/xsave/xsaveModel.js';
import { memoizeByFingerprint, memoizeByIdentity } from '../../cache/memoize.js';
import type { SourceText, Span } from '../../syntax/text/sourceText.js';
import { forEachToken } from '../../syntax/text/tokens.js';
import { distinctSpans, transferToken, type FileSpan } from '../registersAtCursor.js';
import { waysOf, waysOfState, xsaveSubjectAt, type XsaveSubject } from './xsaveSubject.js';

/** Where a way of XSAVE state is: the first word of its statement. */
export function wayToken(model: RegisterModel, way: XsaveAssignment): FileSpan {
  return transferToken(model, null, way);
}

/**
 * Every place where a tree names a piece of XSAVE state: its component and mask, its MSR, the members that keep it; and where
 * it is switched or copied without any of these. In the order of files and offsets.
 */
export function stateReferences(model: RegisterModel, subject: XsaveSubject): FileSpan[] {
  const named = namesOfStates(model).get(subject.state) ?? [];
  const moved = waysOfState(model, subject).map((way) => wayToken(model, way));
  return distinctSpans([...named, ...moved]).sort((x, y) =>
    x.file === y.file ? x.start - y.start : x.file < y.file ? -1 : 1,
  );
}

/** State -> where it is named. */
const namesOfStates = memoizeByIdentity((model: RegisterModel): ReadonlyMap<string, readonly FileSpan[]> => {
  const words = wordsOfStates(model);
  const found = new Map<string, FileSpan[]>();
  for (const { source } of model.files.values()) {
    for (const span of wordsIn(source)(words)) {
      const state = xsaveSubjectAt(model, source.path, span)?.state;
      if (state === undefined) continue;
      const spans = found.get(state) ?? [];
      spans.push({ file: source.path, start: span.start, end: span.end });
      found.set(state, spans);
    }
  }
  return found;
});

/** The words by which states are named in this tree. */
function wordsOfStates(model: RegisterModel): string[] {
  const components = model.xsave.components.flatMap(({ name, mask }) => [name, ...(mask ? [mask.name] : [])]);
  const members = waysOf(model).flatMap(({ from, to }) =>
    [from, to].flatMap((place) => /\w+$/.exec(place?.name ?? '')?.[0] ?? []),
  );
  return [
    ...new Set([...components, ...STATE_MSRS.keys(), ...XCR0_INDEX, ...ARCH_FIELDS.keys(), LOADED_MEMBER, ...members]),
  ].sort();
}

/** The words' places in a text, outside comments and literals. */
const wordsIn = memoizeByIdentity((source: SourceText) =>
  memoizeByFingerprint(
    (words: readonly string[]) => words,
    (words) => findWords(source, words),
  ),
);

function findWords(source: SourceText, words: readonly string[]): readonly Span[] {
  const spans: Span[] = [];
  if (new RegExp(`\\b(?:${words.join('|')})\\b`).test(source.text)) {
    const wanted = new Set(words);
    forEachToken(source.text, 0, source.text.length, (kind, start, end) => {
      if (kind === 'word' && wanted.has(source.text.slice(start, end))) spans.push({ start, end });
    });
  }
  return spans;
}

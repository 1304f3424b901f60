import { ARCH_FIELDS, STATE_MSRS, XCR0_INDEX } from '../../facts/xsave/interfaces.js';
import { LOADED_MEMBER } from '../../facts/xsave/origins.js';
import type { RegisterModel } from '../../model/registerModel.js';
import type { XsaveWay } from '../../model/xsave/xsaveModel.js';
import { onceForEach } from '../../syntax/onceForEach.js';
import type { SourceText, Span } from '../../syntax/sourceText.js';
import { forEachToken } from '../../syntax/tokens.js';
import { distinctSpans, transferToken, type FileSpan } from '../registerAt.js';
import { waysOf, waysOfState, xsaveSubjectAt, type XsaveSubject } from './xsaveSubject.js';

/** Where a way of XSAVE state is: the first word of its statement. */
export function wayToken(model: RegisterModel, way: XsaveWay): FileSpan {
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
const namesOfStates = onceForEach((model: RegisterModel): ReadonlyMap<string, readonly FileSpan[]> => {
  const words = wordsOfStates(model);
  const found = new Map<string, FileSpan[]>();
  for (const { source } of model.files.values()) {
    for (const span of wordsIn(source, words)) {
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

const scanned = new WeakMap<SourceText, { readonly words: string; readonly spans: readonly Span[] }>();

/** The words' places in a text, outside comments and literals. Kept for a text as long as the words are the same. */
function wordsIn(source: SourceText, words: readonly string[]): readonly Span[] {
  const key = words.join(' ');
  const before = scanned.get(source);
  if (before?.words === key) return before.spans;
  const spans: Span[] = [];
  if (new RegExp(`\\b(?:${words.join('|')})\\b`).test(source.text)) {
    const wanted = new Set(words);
    forEachToken(source.text, 0, source.text.length, (kind, start, end) => {
      if (kind === 'word' && wanted.has(source.text.slice(start, end))) spans.push({ start, end });
    });
  }
  scanned.set(source, { words: key, spans });
  return spans;
}

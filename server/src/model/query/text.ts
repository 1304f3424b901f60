import { lastAtOrBefore } from '../../syntax/text/lastAtOrBefore.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { SourceText, Span } from '../../syntax/text/sourceText.js';
import { forEachToken, tokenize } from '../../syntax/text/tokens.js';
import type { RegisterModel } from '../registerModel.js';

/** A piece of a file. */
export interface FileSpan extends Span {
  readonly file: string;
}

/** A file's text with its lines; null for a path that the tree does not have. */
export function sourceOf({ files }: RegisterModel, path: string): SourceText | null {
  return files.get(path)?.source ?? null;
}

/** The paths of the tree's files, sorted. */
export function pathsOf({ files }: RegisterModel): readonly string[] {
  return [...files.keys()];
}

/** The span of a name that begins at an offset. */
export function nameSpan(file: string, start: number, name: string): FileSpan {
  return { file, start, end: start + name.length };
}

/** Pieces of files, each once, in their order. */
export function distinctSpans(spans: readonly FileSpan[]): FileSpan[] {
  return [...new Map(spans.map((span) => [`${span.file} ${String(span.start)}`, span])).values()];
}

/** Compares by files, then by offsets. */
export function byPlace(a: FileSpan, b: FileSpan): number {
  return a.file === b.file ? a.start - b.start : a.file < b.file ? -1 : 1;
}

/** The word that an offset of a text is in, outside comments and literals; null where there is none. */
export function wordAt(source: SourceText, offset: number): Span | null {
  const words = wordsOf(source);
  const word = words[lastAtOrBefore(words, offset, ({ start }) => start)];
  return word && offset < word.end ? word : null;
}

const wordsOf = memoizeByIdentity(({ text }: SourceText): readonly Span[] => {
  const words: Span[] = [];
  forEachToken(text, 0, text.length, (kind, start, end) => {
    // An immediate operand of assembly has a `$` before its name.
    const first = text[start] === '$' ? start + 1 : start;
    if (kind === 'word' && first < end) words.push({ start: first, end });
  });
  return words;
});

/** Whether the word at an offset of a text stands behind `.` or `->`, as the member of something. */
export function isMemberAt(text: string, offset: number): boolean {
  return /(?:->|\.)$/.test(text.slice(Math.max(0, offset - 2), offset));
}

/** How far behind an offset its first word is looked for. Characters. */
const NEAR = 80;

/** The first word of a file from an offset on, comments left out; empty where none is near. */
export function wordFrom(model: RegisterModel, file: string, offset: number): FileSpan {
  const text = sourceOf(model, file)?.text ?? '';
  const word = tokenize(text, offset, offset + NEAR).find((token) => /^\w/.test(token.text));
  return { file, start: word?.start ?? offset, end: word?.end ?? offset };
}

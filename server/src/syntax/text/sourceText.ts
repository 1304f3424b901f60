/** A file's text with its line table. */
export interface SourceText {
  /** Relative to the tree's root, with `/`. */
  readonly path: string;
  readonly text: string;
  /** Offset of each line's first character. */
  readonly lineStarts: readonly number[];
}

/** A place in a file. `line` and `column` are 1-based; `column` counts UTF-8 bytes, a tab is one. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Offsets of a piece of text: `start` is in it, `end` is not. 0-based UTF-16 code units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Something in a file that could not be read soundly. The facts around it still stand. */
export interface Problem {
  /** 0-based offset into the file's text, UTF-16 code units. */
  readonly offset: number;
  /** What is wrong, in a sentence that a person can act on. */
  readonly message: string;
}

/** A text with its line table. `path` is relative to the tree's root, with `/`. */
export function sourceText(path: string, text: string): SourceText {
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1);
  return { path, text, lineStarts };
}

/** The 1-based line of an offset. */
export function lineAt(source: SourceText, offset: number): number {
  let low = 0;
  let high = source.lineStarts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((source.lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}

/** The location of an offset. */
export function locationAt(source: SourceText, offset: number): Location {
  const line = lineAt(source, offset);
  const start = source.lineStarts[line - 1] ?? 0;
  return { file: source.path, line, column: utf8Length(source.text, start, offset) + 1 };
}

/** The offset of a 1-based line and a 1-based column in UTF-8 bytes, or null where the file has no such line. */
export function offsetAt(source: SourceText, line: number, column: number): number | null {
  const start = source.lineStarts[line - 1];
  if (start === undefined) return null;
  const end = source.lineStarts[line] ?? source.text.length;
  let offset = start;
  for (let bytes = 1; offset < end && bytes < column;) {
    const units = (source.text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
    bytes += utf8Length(source.text, offset, offset + units);
    offset += units;
  }
  return offset;
}

function utf8Length(text: string, start: number, end: number): number {
  let bytes = 0;
  for (let i = start; i < end; i++) {
    const unit = text.charCodeAt(i);
    // A surrogate is half of a code point that takes four bytes.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
  }
  return bytes;
}

import { pathToFileURL } from 'node:url';
import type { Location, Position, Range } from 'vscode-languageserver';
import { sourceOf, type FileSpan } from '../model/query/text.js';
import { lineAt, locationAt, offsetAt, type SourceText, type Span } from '../syntax/text/sourceText.js';
import type { Place, TreeModel } from './engine/trees.js';

/** How a client counts characters of a line (LSP 3.17, PositionEncodingKind). */
export type Encoding = 'utf-16' | 'utf-8';

/** The LSP position of an offset: 0-based line and character. */
export function positionAt(source: SourceText, offset: number, encoding: Encoding): Position {
  if (encoding === 'utf-8') {
    const { line, column } = locationAt(source, offset);
    return { line: line - 1, character: column - 1 };
  }
  const line = lineAt(source, offset);
  return { line: line - 1, character: offset - (source.lineStarts[line - 1] ?? 0) };
}

/** The offset of an LSP position; a character behind the line's end is its end, a line behind the last the text's end. */
export function offsetOf(source: SourceText, position: Position, encoding: Encoding): number {
  const start = source.lineStarts[position.line];
  if (start === undefined) return source.text.length;
  if (encoding === 'utf-8') return offsetAt(source, position.line + 1, position.character + 1) ?? source.text.length;
  const next = source.lineStarts[position.line + 1];
  return Math.min(start + position.character, next === undefined ? source.text.length : next - 1);
}

export function rangeOf(source: SourceText, span: Span, encoding: Encoding): Range {
  return { start: positionAt(source, span.start, encoding), end: positionAt(source, span.end, encoding) };
}

/** The LSP locations of pieces of a tree's files. */
export function locationsOf({ model, root }: TreeModel, spans: readonly FileSpan[], encoding: Encoding): Location[] {
  return spans.flatMap((span) => {
    const source = sourceOf(model, span.file);
    return source ? [{ uri: uriOf(root, span.file), range: rangeOf(source, span, encoding) }] : [];
  });
}

/** The offset in a place's file at which a client's position is; null where the file has no text that is known. */
export function offsetAtPosition({ model, path }: Place, position: Position, encoding: Encoding): number | null {
  const source = sourceOf(model, path);
  return source ? offsetOf(source, position, encoding) : null;
}

/** The `file:` URI of a tree's root. */
export function directoryUri(root: string): string {
  return pathToFileURL(root).toString();
}

/** The `file:` URI of a tree's file. */
export function uriOf(root: string, path: string): string {
  return pathToFileURL(`${root}/${path}`).toString();
}

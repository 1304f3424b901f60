import type { Move } from '../../facts/registers/moves.js';
import { fileOffset, type GraphNode } from '../../model/callGraph.js';
import type { Transfer } from '../../backends/transfer.js';
import type { RegisterModel } from '../../model/registerModel.js';
import type { Span } from '../../syntax/text/sourceText.js';

/** The word at an offset, as a span. */
export function wordAt(model: RegisterModel, file: string, offset: number): Span {
  const text = model.files.get(file)?.source.text ?? '';
  const word = /^\w+/.exec(text.slice(offset, offset + LONGEST_WORD))?.[0] ?? '';
  return { start: offset, end: offset + word.length };
}

/** The word at an offset of a function, counted from its start, as a span of its file. */
export function wordIn(model: RegisterModel, node: GraphNode, offset: number): Span {
  return wordAt(model, node.file, fileOffset(node, offset));
}

/** A span of a function, counted from its start, as one of its file. */
export function spanIn(node: GraphNode, { start, end }: Span): Span {
  return { start: fileOffset(node, start), end: fileOffset(node, end) };
}

/** The token that names a register in a function's move; else the statement's first word. */
export function moveSpan(model: RegisterModel, member: string, node: GraphNode, move: Move): Span {
  const [offset, statement] = [fileOffset(node, move.offset), fileOffset(node, move.statement)];
  return transferSpan(model, member, { file: node.file, offset, statement });
}

/** Characters. */
const LONGEST_WORD = 80;

/** The token that names a register in a transfer's statement; else the statement's first word. */
export function transferSpan(
  model: RegisterModel,
  member: string,
  { file, offset, statement }: Pick<Transfer, 'file' | 'offset' | 'statement'>,
): Span {
  const named = model.files.get(file)?.references.find((r) => r.statement === statement && r.register === member);
  return named ? { start: named.start, end: named.end } : wordAt(model, file, offset);
}

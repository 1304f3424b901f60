import type { Transfer } from '../../backends/transfer.js';
import type { RegisterModel } from '../../model/registerModel.js';
import type { Span } from '../../syntax/text/sourceText.js';

/** The word at an offset, as a span. */
export function wordAt(model: RegisterModel, file: string, offset: number): Span {
  const text = model.files.get(file)?.source.text ?? '';
  const word = /^\w+/.exec(text.slice(offset, offset + LONGEST_WORD))?.[0] ?? '';
  return { start: offset, end: offset + word.length };
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

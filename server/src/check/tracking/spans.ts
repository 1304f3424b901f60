import type { RegisterModel, Transfer } from '../../model/registerModel.js';
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
  { file, offset }: Pick<Transfer, 'file' | 'offset'>,
): Span {
  const source = model.files.get(file);
  const end = source ? source.source.text.indexOf(';', offset) : -1;
  const named = source?.references.find((r) => r.start >= offset && r.start < end && r.register === member);
  return named ? { start: named.start, end: named.end } : wordAt(model, file, offset);
}

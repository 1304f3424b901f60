import type { Problem, Span } from './sourceText.js';
import { skipComment, skipLiteral } from './tokens.js';

/** A line with more than this outside of comments is no source but data: generous for what people and generators write. */
const LONGEST_LINE = 100_000;

/** A text without its lines that are too long to be source, and a problem for each. */
interface ReadableText {
  /** As long as the text that was given: spaces stand for what is left out. */
  readonly text: string;
  readonly problems: readonly Problem[];
}

/** Leaves out the lines of C or assembly that are too long to be source, so that they cost nothing. */
export function withoutLongLines(text: string): ReadableText {
  if (!hasLongLine(text)) return { text, problems: [] };
  const problems: Problem[] = [];
  const parts: string[] = [];
  let kept = 0;
  for (const { start, end } of longLines(text)) {
    problems.push({ offset: start, message: 'the line is too long to be source and was left out' });
    parts.push(text.slice(kept, start), ' '.repeat(end - start));
    kept = end;
  }
  return { text: [...parts, text.slice(kept)].join(''), problems };
}

function hasLongLine(text: string): boolean {
  for (let at = 0; at + LONGEST_LINE < text.length;) {
    const end = text.lastIndexOf('\n', at + LONGEST_LINE);
    if (end < at) return true;
    at = end + 1;
  }
  return false;
}

/** The lines with too much code. A comment over several lines belongs to none of them; behind it, a line begins anew. */
function longLines(text: string): Span[] {
  const found: Span[] = [];
  let start = 0;
  let code = 0;
  const finish = (end: number, next: number) => {
    if (code > LONGEST_LINE) found.push({ start, end });
    start = next;
    code = 0;
  };
  for (let at = 0; at < text.length;) {
    const commentEnd = skipComment(text, at, text.length);
    if (text[at] === '\n') {
      finish(at, at + 1);
      at++;
    } else if (commentEnd > at) {
      if (text.slice(at, commentEnd).includes('\n')) finish(at, commentEnd);
      at = commentEnd;
    } else {
      const end = Math.max(at + 1, skipLiteral(text, at, text.length));
      code += end - at;
      at = end;
    }
  }
  finish(text.length, text.length);
  return found;
}

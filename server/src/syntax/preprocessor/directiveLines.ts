import type { Problem, Span } from '../text/sourceText.js';
import { isContinued, isOpenComment, skipComment, skipLiteral } from '../text/tokens.js';

/** A directive's line, continuation lines included, from its `#` on. */
export interface DirectiveLine extends Span {
  /** `define`, `ifdef`; '' for a `#` alone. */
  readonly name: string;
  readonly nameEnd: number;
}

/** What in a text is not for the compiler or the assembler to read. */
interface Markup {
  readonly lines: readonly DirectiveLine[];
  /** The directive lines, and the comments outside of them, in the order of the text. */
  readonly spans: readonly Span[];
  /** A comment without its end. */
  readonly problems: readonly Problem[];
}

const NEWLINE = 10;
const SPACE = 32;
const HASH = 35;

/** Finds the directive lines and the comments of C or assembly text. A `#` in a comment or a literal begins none. */
export function readMarkup(text: string): Markup {
  const lines: DirectiveLine[] = [];
  const spans: Span[] = [];
  const problems: Problem[] = [];
  const comment = (start: number, end: number) => {
    if (isOpenComment(text, start, end))
      problems.push({ offset: start, message: 'a comment without its end: what is behind it is not read' });
  };
  let isLineStart = true;
  for (let at = 0; at < text.length;) {
    const c = text.charCodeAt(at);
    if (c <= SPACE) {
      if (c === NEWLINE) isLineStart = true;
      at++;
    } else if (c === HASH && isLineStart) {
      const line = directiveLine(text, at, comment);
      lines.push(line);
      spans.push(line);
      at = line.end;
    } else if (isLineStart && isConflictMark(text, at)) {
      const end = lineEnd(text, at);
      problems.push({ offset: at, message: 'a merge conflict is not resolved here: both sides are read' });
      lines.push({ start: at, end, name: '', nameEnd: end });
      spans.push({ start: at, end });
      at = end;
    } else {
      const end = skipComment(text, at, text.length);
      if (end > at) {
        comment(at, end);
        spans.push({ start: at, end });
        at = end;
        continue;
      }
      isLineStart = false;
      at = Math.max(at + 1, skipLiteral(text, at, text.length));
    }
  }
  return { lines, spans, problems };
}

/** Whether a line is one by which git marks the sides of a conflict. It is neither C nor assembly, as a directive is none. */
function isConflictMark(text: string, at: number): boolean {
  const isFirst = at === 0 || text.charCodeAt(at - 1) === NEWLINE;
  return isFirst && /^(?:(?:<{7}|>{7}|\|{7})(?: |$)|={7}$)/.test(text.slice(at, Math.min(lineEnd(text, at), at + 8)));
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

/** Enough of a line for `#`, blanks and the longest directive's name. Characters. */
const LONGEST_BEGINNING = 64;

/** The directive that begins at a `#`. It ends at the first newline that is neither continued nor inside a comment. */
function directiveLine(text: string, start: number, onComment: (start: number, end: number) => void): DirectiveLine {
  const name = /^#[ \t]*([A-Za-z_]*)/.exec(text.slice(start, start + LONGEST_BEGINNING));
  const nameEnd = start + (name?.[0].length ?? 1);
  let at = nameEnd;
  while (at < text.length) {
    if (text.charCodeAt(at) === NEWLINE && !isContinued(text, at)) break;
    const end = skipComment(text, at, text.length);
    if (end > at) onComment(at, end);
    at = end > at ? end : Math.max(at + 1, skipLiteral(text, at, text.length));
  }
  return { start, end: Math.min(at, text.length), name: name?.[1] ?? '', nameEnd };
}

import type { ConditionGuard } from '../conditions/guard.js';
import { configGuardsAt, type Directives } from '../preprocessor/directives.js';
import type { Problem } from '../text/sourceText.js';
import { splitAt } from '../text/brackets.js';
import { forEachToken, outside, type Token } from '../text/tokens.js';
import { immediateApart, plainToken, type AsmToken } from './asmToken.js';

/** A statement of assembly. Offsets are 0-based UTF-16 code units into the file that it is written in. */
export interface Statement {
  readonly tokens: readonly AsmToken[];
  /** The `#if` conditions over it, outermost first; in a `.macro`'s body only those inside the body. */
  readonly conditions: readonly ConditionGuard[];
  readonly start: number;
  readonly end: number;
}

/** The directive at a statement's beginning, `.irp`, or null. Works on tokens that are not glued yet. */
export function directiveName(tokens: readonly Token[]): string | null {
  const [dot, name] = tokens;
  if (dot?.kind === 'word' && dot.text.startsWith('.')) return dot.text;
  return dot?.text === '.' && name?.kind === 'word' && !name.spaced ? `.${name.text}` : null;
}

/** What stands behind the directive's name. */
export function directiveArguments<T extends Token>(tokens: readonly T[]): readonly T[] {
  return tokens.slice(tokens[0]?.text === '.' ? 2 : 1);
}

/** No statement of a kernel comes near; a longer one is no assembly and is left out. */
const MOST_TOKENS = 4_000;
/** How many lines the brackets of one `NAME(...)` may span. */
const MOST_LINES = 32;

/**
 * The statements of an assembly text: lines, split at `;` outside of brackets, without comments (those of C, and `#` to
 * the line's end) and directives of the C preprocessor. Macros are not expanded.
 */
export function readStatements(text: string, directives: Directives, problems: Problem[]): Statement[] {
  const lines = readLines(text, directives);
  const statements: Statement[] = [];
  for (let i = 0; i < lines.length; i++) {
    const joined = joinedLines(lines, i);
    i += joined.length - 1;
    const line = joined.flat();
    if (line.length > MOST_TOKENS) {
      problems.push({ offset: line[0]?.start ?? 0, message: 'the line is too long to be assembly and was left out' });
      continue;
    }
    const conditions = configGuardsAt(directives, line[0]?.start ?? 0);
    for (const tokens of splitAt(line, ';')) {
      const first = tokens[0];
      if (first)
        statements.push({
          tokens: tokens.map(plainToken),
          conditions,
          start: first.start,
          end: tokens.at(-1)?.end ?? first.end,
        });
    }
  }
  return statements;
}

function readLines(text: string, directives: Directives): Token[][] {
  const lines: Token[][] = [];
  let isComment = false;
  const visit = outside(directives.lines, (kind, start, end, gap) => {
    if (gap === 'line') {
      isComment = false;
      lines.push([]);
    }
    // The preprocessor leaves `##` alone outside of a #define, and for the assembler it starts a comment as `#` does.
    if (kind === 'punctuator' && text[start] === '#') isComment = true;
    if (isComment) return;
    const token = { kind, text: text.slice(start, end), start, end, spaced: gap !== 'none' };
    lines.at(-1)?.push(...immediateApart(token));
  });
  forEachToken(text, 0, text.length, visit);
  return lines.filter((line) => line.length > 0);
}

/** A line and those after it that the open bracket of a `NAME(` takes in, when it is closed within reach. */
function joinedLines(lines: readonly Token[][], at: number): Token[][] {
  let open = openCall(lines[at] ?? [], 0);
  if (open === 0) return lines.slice(at, at + 1);
  for (let next = at + 1; next < lines.length && next < at + MOST_LINES; next++) {
    open = openCall(lines[next] ?? [], open);
    if (open === 0) return lines.slice(at, next + 1);
  }
  return lines.slice(at, at + 1);
}

/** How many brackets stay open, counted from a `NAME(` on. */
function openCall(tokens: readonly Token[], before: number): number {
  let open = before;
  tokens.forEach((token, i) => {
    const isCall = tokens[i - 1]?.kind === 'word' && !token.spaced;
    if (token.text === '(' && (open > 0 || isCall)) open++;
    if (token.text === ')' && open > 0) open--;
  });
  return open;
}

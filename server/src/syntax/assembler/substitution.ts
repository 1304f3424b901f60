import { splitAt } from '../text/brackets.js';
import type { Span } from '../text/sourceText.js';
import { textOf, type AsmToken } from './asmToken.js';
import type { Statement } from './statements.js';

/** What the names of a macro's parameters, or of a repetition's symbol, stand for. */
export type Arguments = ReadonlyMap<string, readonly AsmToken[]>;

/** What is put into a body. */
export interface Substitution {
  /** For `\name`. */
  readonly given: Arguments;
  /** For `\@`: how many macros were used before. */
  readonly count: number;
  /** Where the body's own tokens are said to come from; null leaves them where they are. */
  readonly use: Span | null;
}

/** The statements of a macro's or a repetition's body with `\name`, `\@` and `\()` replaced (GNU as manual, "Macro"). */
export function substituted(body: readonly Statement[], substitution: Substitution): Statement[] {
  const { use } = substitution;
  return body.flatMap((statement) => {
    if (!use && !statement.tokens.some((token) => token.text.includes('\\'))) return [statement];
    const { conditions } = statement;
    const { start, end } = use ?? statement;
    // An argument may hold statements of its own.
    const parts = splitAt(substitutedTokens(statement.tokens, substitution), ';');
    return parts.map((tokens) => ({ tokens, conditions, start, end }));
  });
}

function substitutedTokens(tokens: readonly AsmToken[], substitution: Substitution): AsmToken[] {
  const result: AsmToken[] = [];
  // Behind `\()` and an empty argument, the next token touches the one before.
  let touches: boolean | null = null;
  for (let i = 0; i < tokens.length;) {
    const { replaced, by } = replacementAt(tokens, i, substitution);
    const isSpaced: boolean = touches ?? tokens[i]?.spaced ?? false;
    const [first, ...others] = by;
    if (first) result.push(first.spaced === isSpaced ? first : { ...first, spaced: isSpaced }, ...others);
    touches = first ? null : isSpaced;
    i += replaced;
  }
  return result;
}

interface Replacement {
  /** How many tokens are replaced. */
  readonly replaced: number;
  readonly by: readonly AsmToken[];
}

/** What stands for the token at `at`, or for it and those that belong to it. */
function replacementAt(tokens: readonly AsmToken[], at: number, { given, count, use }: Substitution): Replacement {
  const [token, next] = [tokens[at], tokens[at + 1]];
  if (!token) return { replaced: 1, by: [] };
  const placed = use ? { ...token, start: use.start, end: use.end, isBorrowed: true } : token;
  if (token.kind === 'string') return { replaced: 1, by: [substitutedString(placed, given, count)] };
  if (token.text !== '\\' || !next) return { replaced: 1, by: [placed] };
  const argument = next.spaced ? undefined : given.get(next.text);
  if (argument) return { replaced: 2, by: argument };
  if (next.text === '@') return { replaced: 2, by: [{ ...placed, kind: 'number', text: String(count) }] };
  if (next.text === '(' && tokens[at + 2]?.text === ')') return { replaced: 3, by: [] };
  return { replaced: 1, by: [placed] };
}

function substitutedString(token: AsmToken, given: Arguments, count: number): AsmToken {
  if (!token.text.includes('\\')) return token;
  const text = token.text.replace(/\\(@|\(\)|[A-Za-z_]\w*)/g, (written, name: string) => {
    if (name === '@') return String(count);
    if (name === '()') return '';
    const argument = given.get(name);
    return argument ? textOf(argument) : written;
  });
  return { ...token, text };
}

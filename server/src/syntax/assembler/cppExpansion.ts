import type { ConditionGuard } from '../conditions/guard.js';
import { conditionsHold, knownNames, type WordSize } from '../preprocessor/conditionTruth.js';
import { expand, type ExpandedToken, type MacroLookup } from '../preprocessor/macroExpansion.js';
import { behindParenthesis, splitAt } from '../text/brackets.js';
import { kernelRegisterName } from '../x86/registers.js';
import { immediateApart, type AsmToken } from './asmToken.js';
import { readLinkage } from './linkage.js';
import { directiveName, type Statement } from './statements.js';

/** Not expanded although a header may define it: `__stringify(...)` keeps its tokens and their places this way. */
const KEPT = /^__stringify(?:_1)?$/;

/**
 * The statements that the preprocessor of a kernel of this word size leaves, with `#define`s expanded. `around`: the conditions
 * that are known to hold; `defines`: what names stand for in each statement.
 */
export function preprocessed(
  statements: readonly Statement[],
  around: readonly ConditionGuard[],
  wordSize: WordSize,
  defines: (statement: Statement) => MacroLookup,
): Statement[] {
  const known = knownNames(wordSize, around);
  return statements
    .filter(({ conditions }) => conditionsHold(conditions, known) !== false)
    .flatMap((statement) => expandStatement(statement, defines(statement), wordSize));
}

/** Expands the `#define`s in a statement, which may make several statements of it. */
export function expandStatement(statement: Statement, lookup: MacroLookup, wordSize: WordSize): Statement[] {
  const directive = directiveName(statement.tokens);
  // What a header calls a `.macro` may be a `#define` under other conditions; linkage macros are read by their names.
  if (directive === '.macro' || directive === '.purgem' || readLinkage(statement.tokens)) return [statement];
  const tokens = expandTokens(statement.tokens, lookup, wordSize);
  return splitAt(tokens, ';').flatMap((part) => (part.length > 0 ? [{ ...statement, tokens: part }] : []));
}

function expandTokens(tokens: readonly AsmToken[], lookup: MacroLookup, wordSize: WordSize): AsmToken[] {
  const result: AsmToken[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (!token) break;
    const macro = token.kind === 'word' && !KEPT.test(token.text) ? lookup(token.text) : undefined;
    if (!macro) {
      result.push(withRegisterName(token, wordSize));
      continue;
    }
    const hasArguments = macro.parameters !== null && tokens[i + 1]?.text === '(';
    const end = hasArguments ? behindParenthesis(tokens, i + 1) : i + 1;
    result.push(...expandUse(tokens.slice(i, end), lookup, wordSize));
    i = end - 1;
  }
  return result;
}

/** Expands one use of a macro: its name and its arguments. What comes from a body gets the place of the name written here. */
function expandUse(use: readonly AsmToken[], lookup: MacroLookup, wordSize: WordSize): AsmToken[] {
  const expanded = expand(use, (word) => (KEPT.test(word) ? undefined : lookup(word)));
  return expanded.flatMap((token, i) => {
    const placed = placedToken(token, use, isSpaced(expanded, i, use));
    return immediateApart(withRegisterName(placed, wordSize));
  });
}

function placedToken(token: ExpandedToken, use: readonly AsmToken[], spaced: boolean): AsmToken {
  const { kind, text, through } = token;
  const written = token.writtenIn
    ? placeOfName(use, through)
    : use.find(({ start, end }) => token.start === start && token.end === end);
  const { start, end, through: before, isBorrowed } = written ?? use[0] ?? { ...token, through: [], isBorrowed: false };
  return { kind, text, start, end, spaced, through: [...before, ...through], isBorrowed };
}

/**
 * How an argument's first token stands in the macro's body isn't told: it is spaced, as the preprocessor joins nothing but
 * by `##`.
 */
function isSpaced(expanded: readonly ExpandedToken[], at: number, use: readonly AsmToken[]): boolean {
  const token = expanded[at];
  if (at === 0) return use[0]?.spaced ?? token?.spaced ?? false;
  const beginsArgument = !token?.writtenIn && Boolean(expanded[at - 1]?.writtenIn);
  return beginsArgument || (token?.spaced ?? false);
}

/** The innermost of the names that a token came through which is written in the use itself. */
function placeOfName(use: readonly AsmToken[], through: readonly string[]): AsmToken | undefined {
  for (let i = through.length - 1; i >= 0; i--) {
    const written = use.find((token) => token.text === through[i]);
    if (written) return written;
  }
  return undefined;
}

function withRegisterName(token: AsmToken, wordSize: WordSize): AsmToken {
  const name = token.kind === 'word' ? kernelRegisterName(token.text, wordSize) : null;
  return name === null ? token : { ...token, text: name, through: [...token.through, token.text] };
}

import { expand, type MacroLookup } from '../preprocessor/macroExpansion.js';
import { behindBracket, immediateApart, splitAt, type AsmToken, type Statement } from './asmToken.js';
import { directiveName } from './blocks.js';
import { kernelRegisterName } from '../x86/registers.js';
import type { WordSize } from '../preprocessor/conditionTruth.js';

/**
 * Names that are not expanded although a header may define them: `__stringify(...)` keeps its tokens and their places
 * this way, and the macros that begin and end a function are read as such.
 */
const KEPT = /^__stringify(?:_1)?$/;

/** `SYM_FUNC_START(name)`, `ENTRY(name)`, `SYM_CODE_END(name)`, `ENDPROC(name)`, `SYM_INNER_LABEL(name, ...)`. */
export const FUNCTION_BEGINS = /^(?:\w+_)?(?:START|ENTRY|BEGIN)(?:_\w+)?$/;
export const FUNCTION_ENDS = /^(?:\w+_)?(?:END|ENDPROC)(?:_\w+)?$/;
export const INNER_LABEL = /^(?:\w+_)?INNER_LABEL(?:_\w+)?$|^GLOBAL$/;

/** `NAME(symbol` at a statement's beginning, when NAME is of the kind. */
export function linkageSymbol(tokens: readonly AsmToken[], kind: RegExp): AsmToken | null {
  const [name, open, symbol, next] = tokens;
  if (name?.kind !== 'word' || open?.text !== '(' || symbol?.kind !== 'word') return null;
  return kind.test(name.text) && (next?.text === ')' || next?.text === ',') ? symbol : null;
}

function isLinkage(tokens: readonly AsmToken[]): boolean {
  return [INNER_LABEL, FUNCTION_BEGINS, FUNCTION_ENDS].some((kind) => linkageSymbol(tokens, kind) !== null);
}

/** Expands the `#define`s in a statement, which may make several statements of it. */
export function expandStatement(statement: Statement, lookup: MacroLookup, wordSize: WordSize): Statement[] {
  const directive = directiveName(statement.tokens);
  // What a header calls a `.macro` may be a `#define` under other conditions.
  if (directive === '.macro' || directive === '.purgem' || isLinkage(statement.tokens)) return [statement];
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
    const end = hasArguments ? behindBracket(tokens, i + 1) : i + 1;
    result.push(...expandUse(tokens.slice(i, end), lookup, wordSize));
    i = end - 1;
  }
  return result;
}

/** Expands one use of a macro: its name and its arguments. What comes from a body gets the place of the name written here. */
function expandUse(use: readonly AsmToken[], lookup: MacroLookup, wordSize: WordSize): AsmToken[] {
  const [name] = use;
  const expanded = expand(use, (word) => (KEPT.test(word) ? undefined : lookup(word)));
  return expanded.flatMap(({ kind, text, start, end, spaced, writtenIn, through }, i) => {
    const written = use.find((token) => token.start === start && token.end === end);
    // How an argument's first token stands in the macro's body isn't told; the preprocessor joins nothing but by `##`.
    const beginsArgument = !writtenIn && expanded[i - 1]?.writtenIn;
    const place = (writtenIn ? placeOfName(use, through) : written) ?? name;
    return immediateApart(
      withRegisterName(
        {
          kind,
          text,
          start: place?.start ?? start,
          end: place?.end ?? end,
          spaced: i === 0 ? (name?.spaced ?? spaced) : spaced || Boolean(beginsArgument),
          through: [...(place?.through ?? []), ...through],
          isBorrowed: place?.isBorrowed ?? false,
        },
        wordSize,
      ),
    );
  });
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

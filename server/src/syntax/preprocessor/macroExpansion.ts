import type { MacroDefinition } from './directives.js';
import type { Span } from '../text/sourceText.js';
import type { Token, TokenKind } from '../text/tokens.js';

/** A token of an expansion, with where it was written. */
export interface ExpandedToken extends Token {
  /** The macro in whose body it was written; null when it was written where the expansion began (or in an argument there). */
  readonly writtenIn: MacroDefinition | null;
  /** Of a token that `##` made, the part that was written where the expansion began; null for any other. */
  readonly pasted: Span | null;
  /** Names of the macros whose expansion it comes from, outermost first. */
  readonly through: readonly string[];
}

/** Finds a macro's definition by name. */
export type MacroLookup = (name: string) => MacroDefinition | undefined;

/** No kernel macro comes near; a run-away expansion stops here and leaves the rest as it is. */
const MOST_TOKENS = 5_000;
const DEEPEST = 64;
/** A token that `#` or `##` makes is not longer. Characters. */
const LONGEST_MADE = 4_000;

interface Expansion {
  readonly lookup: MacroLookup;
  produced: number;
  /** How many arguments are being expanded inside of one another. */
  depth: number;
}

/**
 * Expands macros as C does (C11 6.10.3): object- and function-like, nested, `#`, `##`, variable arguments (also GNU's
 * named ones and `, ##args`). A macro is not expanded inside its own expansion. A name without arguments that its macro
 * wants stays as it is. The work is bounded; what is beyond stays as it is. Never throws.
 */
export function expand(tokens: readonly Token[], lookup: MacroLookup): ExpandedToken[] {
  return expandTokens(tokens.map(asWritten), { lookup, produced: 0, depth: 0 });
}

/** A token that was written where the expansion begins. */
function asWritten({ kind, text, start, end, spaced }: Token): ExpandedToken {
  // Written out, as this is done for every token of every expansion: much quicker than a spread.
  return { kind, text, start, end, spaced, writtenIn: null, pasted: null, through: [] };
}

function expandTokens(tokens: readonly ExpandedToken[], state: Expansion): ExpandedToken[] {
  const result: ExpandedToken[] = [];
  // What stands still to be read: a macro's result is read again together with what follows it.
  const pending = [...tokens].reverse();
  for (let token = pending.pop(); token; token = pending.pop()) {
    const isName = token.kind === 'word' && !token.through.includes(token.text);
    const macro = isName ? state.lookup(token.text) : undefined;
    const isBounded = state.produced < MOST_TOKENS && token.through.length < DEEPEST && state.depth < DEEPEST;
    const use = macro && isBounded ? readUse(macro, token, pending) : null;
    if (!use) {
      result.push(token);
      continue;
    }
    pending.length -= use.length;
    state.produced += use.length;
    const replaced = substitute(use, state);
    state.produced += replaced.length;
    for (const next of replaced.reverse()) pending.push(next);
  }
  return result;
}

interface MacroUse {
  readonly macro: MacroDefinition;
  /** How many pending tokens the arguments take, brackets included. */
  readonly length: number;
  readonly argumentLists: readonly (readonly ExpandedToken[])[];
  /** The macros that its result comes through: those that the name came through, then this. */
  readonly through: readonly string[];
}

/** Reads a use's arguments off the pending tokens (last is next); null when it has none but the macro wants some. */
function readUse(macro: MacroDefinition, name: ExpandedToken, pending: readonly ExpandedToken[]): MacroUse | null {
  const through = [...name.through, macro.name];
  if (!macro.parameters) return { macro, length: 0, argumentLists: [], through };
  if (pending.at(-1)?.text !== '(') return null;
  const lists: ExpandedToken[][] = [[]];
  let depth = 0;
  for (let i = pending.length - 1; i >= 0; i--) {
    const token = pending[i];
    if (!token) break;
    if (token.text === '(' && depth++ === 0) continue;
    if (token.text === ')' && --depth === 0)
      return { macro, length: pending.length - i, argumentLists: lists, through };
    const isRest = macro.variadic !== null && lists.length > macro.parameters.length;
    if (token.text === ',' && depth === 1 && !isRest) lists.push([]);
    else lists.at(-1)?.push(token);
  }
  return null;
}

/** What is given for a parameter, not expanded yet; null for a name that is no parameter. */
function argumentFor({ macro, argumentLists }: MacroUse, name: string): readonly ExpandedToken[] | null {
  if (name === macro.variadic) return argumentLists[macro.parameters?.length ?? 0] ?? [];
  const index = macro.parameters?.indexOf(name) ?? -1;
  return index < 0 ? null : (argumentLists[index] ?? []);
}

/**
 * Whether nothing is given for the variable arguments, not even a comma before them; without other parameters, whether they are
 * empty (GCC's libcpp/macro.cc, `copy_paste_flag` and `replace_args`).
 */
function isLeftOut({ macro, argumentLists }: MacroUse): boolean {
  const others = macro.parameters?.length ?? 0;
  return argumentLists.length <= others || (others === 0 && argumentLists[0]?.length === 0);
}

/** The macro's body with the arguments in it. */
function substitute(use: MacroUse, state: Expansion): ExpandedToken[] {
  const result: ExpandedToken[] = [];
  const { body, parameters } = use.macro;
  for (let i = 0; i < body.length; i++) {
    const [token, next] = [body[i], body[i + 1]];
    if (!token) break;
    const stringifies = token.text === '#' && parameters && next ? argumentFor(use, next.text) : null;
    if (stringifies && next) {
      result.push(ofBody({ ...next, kind: 'string', text: stringified(stringifies), start: token.start }, use));
      i++;
    } else if (token.text === '##' && next && result.length > 0) {
      paste(result, next, use);
      i++;
    } else {
      const argument = token.kind === 'word' ? argumentFor(use, token.text) : null;
      if (!argument) result.push(ofBody(token, use));
      else if (next?.text === '##') append(result, leftOfPaste(argument, token, use));
      else append(result, expandedArgument(argument, use, state));
    }
  }
  return result.filter((token) => token.text !== '');
}

/** A token of the macro's body in an expansion. */
function ofBody({ kind, text, start, end, spaced }: Token, { macro, through }: MacroUse): ExpandedToken {
  return { kind, text, start, end, spaced, writtenIn: macro, pasted: null, through };
}

/** An argument beside `##`, which is not expanded. */
function unexpanded(argument: readonly ExpandedToken[], { through }: MacroUse): ExpandedToken[] {
  return argument.map((token) => ({ ...token, through }));
}

/** The argument before `##`. An empty one leaves an empty token to paste to. */
function leftOfPaste(argument: readonly ExpandedToken[], parameter: Token, use: MacroUse): ExpandedToken[] {
  if (argument.length > 0) return unexpanded(argument, use);
  return [ofBody({ ...parameter, kind: 'punctuator', text: '' }, use)];
}

function expandedArgument(argument: readonly ExpandedToken[], use: MacroUse, state: Expansion): ExpandedToken[] {
  state.depth++;
  const tokens = expandTokens(argument, state);
  state.depth--;
  return prefixed(tokens, use.through);
}

/** The tokens with names before those that they came through. Tokens of one expansion share one list. */
function prefixed(tokens: readonly ExpandedToken[], names: readonly string[]): ExpandedToken[] {
  let last: readonly string[] = [];
  let through = names;
  return tokens.map((token) => {
    if (token.through !== last) {
      last = token.through;
      through = last.length > 0 ? [...names, ...last] : names;
    }
    return { ...token, through };
  });
}

/** Does the `##` before `next`: joins the last token so far with the first that `next` stands for. */
function paste(result: ExpandedToken[], next: Token, use: MacroUse): void {
  const left = result.at(-1);
  if (!left) return;
  const argument = argumentFor(use, next.text);
  const right = argument ? unexpanded(argument, use) : [ofBody(next, use)];
  const [first, ...rest] = right;
  if (left.text === ',' && next.text === use.macro.variadic) {
    // GNU: `, ##args` joins nothing, and drops the comma where nothing at all is given for `args` (GCC's cpp manual, "Variadic Macros").
    if (isLeftOut(use)) result.pop();
    else append(result, right);
  } else if (first && left.text.length + first.text.length > LONGEST_MADE) {
    append(result, right);
  } else if (first) {
    // The pasted name is written where its varying half is: at the `##` of the macro's body.
    const written = left.writtenIn ? left : first.writtenIn ? first : ofBody(next, use);
    const text = left.text + first.text;
    const pasted = writtenPart(left) ?? writtenPart(first);
    result[result.length - 1] = { ...written, text, kind: kindOfPasted(text, left, first), pasted };
    append(result, rest);
  }
}

/** What of a token was written where the expansion began; null where it comes from macros' bodies alone. */
export function writtenPart({ writtenIn, pasted, start, end }: ExpandedToken): Span | null {
  return pasted ?? (writtenIn ? null : { start, end });
}

function kindOfPasted(text: string, left: Token, right: Token): TokenKind {
  if (/^[A-Za-z_$]/.test(text)) return 'word';
  return left.kind === 'punctuator' ? right.kind : left.kind;
}

/** Adds tokens to a list; there may be more than a call takes arguments. */
function append(tokens: ExpandedToken[], more: readonly ExpandedToken[]): void {
  for (const token of more) tokens.push(token);
}

function stringified(tokens: readonly Token[]): string {
  let text = '';
  for (const [i, token] of tokens.entries()) {
    text += (token.spaced && i > 0 ? ' ' : '') + token.text;
    if (text.length > LONGEST_MADE) break;
  }
  return `"${text.slice(0, LONGEST_MADE).replace(/["\\]/g, '\\$&')}"`;
}

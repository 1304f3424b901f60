import type { MacroDefinition } from './directives.js';
import type { Token } from '../text/tokens.js';

/** A token of an expansion, with where it was written. */
export interface ExpandedToken extends Token {
  /** The macro in whose body it was written; null when it was written where the expansion began (or in an argument there). */
  readonly writtenIn: MacroDefinition | null;
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
 * wants stays as it is. Never throws.
 */
export function expand(tokens: readonly Token[], lookup: MacroLookup): ExpandedToken[] {
  const source = tokens.map((token): ExpandedToken => ({ ...token, writtenIn: null, through: [] }));
  return expandTokens(source, new Set(), { lookup, produced: 0, depth: 0 });
}

function expandTokens(
  tokens: readonly ExpandedToken[],
  hidden: ReadonlySet<string>,
  state: Expansion,
): ExpandedToken[] {
  const result: ExpandedToken[] = [];
  // What stands still to be read: a macro's result is read again together with what follows it.
  const pending = [...tokens].reverse();
  for (let token = pending.pop(); token; token = pending.pop()) {
    const macro =
      token.kind === 'word' && !hidden.has(token.text) && !token.through.includes(token.text)
        ? state.lookup(token.text)
        : undefined;
    const isBounded = state.produced < MOST_TOKENS && token.through.length < DEEPEST && state.depth < DEEPEST;
    const use = macro && isBounded ? readUse(macro, pending) : null;
    if (!macro || !use) {
      result.push(token);
      continue;
    }
    pending.length -= use.length;
    state.produced += use.length;
    const replaced = substitute(macro, use.argumentLists, [...token.through, macro.name], hidden, state);
    state.produced += replaced.length;
    for (const next of replaced.reverse()) pending.push(next);
  }
  return result;
}

interface MacroUse {
  /** How many pending tokens the arguments take, brackets included. */
  readonly length: number;
  readonly argumentLists: readonly (readonly ExpandedToken[])[];
}

/** Reads a use's arguments off the pending tokens (last is next); null when it has none but the macro wants some. */
function readUse(macro: MacroDefinition, pending: readonly ExpandedToken[]): MacroUse | null {
  if (!macro.parameters) return { length: 0, argumentLists: [] };
  if (pending.at(-1)?.text !== '(') return null;
  const lists: ExpandedToken[][] = [[]];
  let depth = 0;
  for (let i = pending.length - 1; i >= 0; i--) {
    const token = pending[i];
    if (!token) break;
    if (token.text === '(' && depth++ === 0) continue;
    if (token.text === ')' && --depth === 0) return { length: pending.length - i, argumentLists: lists };
    const isRest = macro.variadic !== null && lists.length > macro.parameters.length;
    if (token.text === ',' && depth === 1 && !isRest) lists.push([]);
    else lists.at(-1)?.push(token);
  }
  return null;
}

function substitute(
  macro: MacroDefinition,
  lists: MacroUse['argumentLists'],
  through: readonly string[],
  hidden: ReadonlySet<string>,
  state: Expansion,
): ExpandedToken[] {
  const argument = (name: string): readonly ExpandedToken[] | null => {
    if (name === macro.variadic) return lists[macro.parameters?.length ?? 0] ?? [];
    const index = macro.parameters?.indexOf(name) ?? -1;
    return index < 0 ? null : (lists[index] ?? []);
  };
  // Written out, as this is done for every token of every expansion: much quicker than a spread.
  const own = ({ kind, text, start, end, spaced }: Token): ExpandedToken => ({
    kind,
    text,
    start,
    end,
    spaced,
    writtenIn: macro,
    through,
  });
  const expanded = (written: readonly ExpandedToken[]): ExpandedToken[] => {
    state.depth++;
    const tokens = expandTokens(written, hidden, state);
    state.depth--;
    return prefixed(tokens, through);
  };
  const result: ExpandedToken[] = [];
  const { body } = macro;
  for (let i = 0; i < body.length; i++) {
    const token = body[i];
    const next = body[i + 1];
    if (!token) break;
    if (token.text === '#' && macro.parameters && next && argument(next.text)) {
      result.push(own({ ...next, kind: 'string', text: stringified(argument(next.text) ?? []), start: token.start }));
      i++;
    } else if (token.text === '##' && next && result.length > 0) {
      paste(
        result,
        (argument(next.text) ?? [own(next)]).map((t) => ({ ...t, through })),
        next.text === macro.variadic,
        own(next),
      );
      i++;
    } else {
      const written = token.kind === 'word' ? argument(token.text) : null;
      if (!written) result.push(own(token));
      else if (next?.text === '##')
        append(
          result,
          written.map((t) => ({ ...t, through })),
        );
      else append(result, expanded(written));
      // An empty argument before `##` leaves nothing to paste to.
      if (written?.length === 0 && next?.text === '##') result.push(own({ ...token, kind: 'punctuator', text: '' }));
    }
  }
  return result.filter((token) => token.text !== '');
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

/** Joins the last token so far with the first of `right`. GNU: `, ##args` drops the comma when `args` is empty. */
function paste(result: ExpandedToken[], right: readonly ExpandedToken[], isVariadic: boolean, at: ExpandedToken): void {
  const left = result.at(-1);
  const [first, ...rest] = right;
  if (!left) return;
  if (left.text === ',' && isVariadic) {
    if (first) append(result, right);
    else result.pop();
    return;
  }
  if (!first) return;
  if (left.text.length + first.text.length > LONGEST_MADE) {
    append(result, right);
    return;
  }
  const text = left.text + first.text;
  // The pasted name is written where its varying half is: at the `##` of the macro's body.
  const written = left.writtenIn ? left : first.writtenIn ? first : at;
  result[result.length - 1] = {
    ...written,
    text,
    kind: /^[A-Za-z_$]/.test(text) ? 'word' : left.kind === 'punctuator' ? first.kind : left.kind,
  };
  append(result, rest);
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

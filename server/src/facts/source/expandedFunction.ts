import { closingIndexes } from '../../syntax/text/brackets.js';
import type { Span } from '../../syntax/text/sourceText.js';
import { tokenize, type Token } from '../../syntax/text/tokens.js';
import { movedConditionals } from '../../syntax/preprocessor/conditionals.js';
import { readDirectives } from '../../syntax/preprocessor/directives.js';
import { expand, type ExpandedToken, type MacroLookup } from '../../syntax/preprocessor/macroExpansion.js';
import type { FunctionSource } from './functionSource.js';

/** A macro's use in a function, and what stands for it where it is expanded. */
export interface Expansion {
  /** In the function as written. */
  readonly use: Span;
  /** The use's tokens. */
  readonly tokens: readonly Token[];
  /** In the expanded function. */
  readonly start: number;
  readonly end: number;
  /** The words that are made by `##`. */
  readonly made: ReadonlySet<string>;
}

/** A function in which some uses of macros are expanded. Its offsets are its own. */
export interface ExpandedFunction {
  readonly source: FunctionSource;
  readonly expansions: readonly Expansion[];
}

/** Which uses of macros are expanded: those of some names, if a word that they make is wanted. */
interface Wanted {
  readonly macros: ReadonlySet<string>;
  readonly lookup: MacroLookup;
  readonly isMeant: (made: string) => boolean;
}

/** A function with uses of macros expanded, also of those that are defined in it; null where there is none to expand. */
export function expandedFunction(fn: FunctionSource, wanted: Wanted): ExpandedFunction | null {
  if (![...fn.words.keys()].some((word) => wanted.macros.has(word))) return null;
  const expansions: Expansion[] = [];
  const words = new Map(fn.words);
  let code = '';
  let at = 0;
  for (const { tokens, expanded } of usesIn(fn, wanted)) {
    const [use, made] = [{ start: tokens[0]?.start ?? 0, end: tokens.at(-1)?.end ?? 0 }, madeWords(expanded)];
    if (use.start < at || ![...made].some(wanted.isMeant)) continue;
    code += fn.code.slice(at, use.start);
    const start = code.length;
    code += expanded.map(({ text }) => text).join(' ');
    for (const { kind, text } of expanded) if (kind === 'word' && !words.has(text)) words.set(text, start);
    expansions.push({ use, tokens, start, end: code.length, made });
    at = use.end;
  }
  if (expansions.length === 0) return null;
  code += fn.code.slice(at);
  const conditionals = movedConditionals(fn.conditionals, (offset) => expandedOffset(expansions, offset));
  return { source: { ...fn, text: code, code, words, conditionals }, expansions };
}

/** The offset in a function of what is at one of the expanded function: of what an expansion made, where its use begins. */
export function writtenOffset(expansions: readonly Expansion[], offset: number): number {
  const before = expansions.findLast(({ start }) => start <= offset);
  if (!before) return offset;
  return offset < before.end ? before.use.start : offset - before.end + before.use.end;
}

function expandedOffset(expansions: readonly Expansion[], offset: number): number {
  const before = expansions.findLast(({ use }) => use.end <= offset);
  return before ? offset - before.use.end + before.end : offset;
}

interface MacroUse {
  readonly tokens: readonly Token[];
  readonly expanded: readonly ExpandedToken[];
}

function usesIn({ text, code, bodyStart }: FunctionSource, { macros, lookup }: Wanted): MacroUse[] {
  const own = readDirectives(text).macros;
  const all = tokenize(code, bodyStart, code.length);
  const closings = closingIndexes(all);
  return all.flatMap((token, i) => {
    const close = all[i + 1]?.text === '(' ? (closings[i + 1] ?? -1) : -1;
    if (close < 0 || !macros.has(token.text)) return [];
    const tokens = all.slice(i, close + 1);
    // A function may define a name anew for each part of it.
    const ownBefore = (name: string) => own.findLast((macro) => macro.name === name && macro.start < token.start);
    return [{ tokens, expanded: expand(tokens, (name) => ownBefore(name) ?? lookup(name)) }];
  });
}

/** The words of an expansion that `##` made: they are longer than what they were written as. */
function madeWords(expanded: readonly ExpandedToken[]): ReadonlySet<string> {
  const isMade = ({ kind, text, start, end }: Token) => kind === 'word' && end - start !== text.length;
  return new Set(expanded.filter(isMade).map(({ text }) => text));
}

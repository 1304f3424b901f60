import type { ConditionGuard } from '../conditions/guard.js';
import { conditionsOver, readConditionals, type Conditionals } from './conditionals.js';
import { readMarkup, type DirectiveLine } from './directiveLines.js';
import type { Problem, Span } from '../text/sourceText.js';
import { tokenize, type Token } from '../text/tokens.js';

/** A `#define`. */
export interface MacroDefinition extends Span {
  readonly name: string;
  readonly nameStart: number;
  /** null for an object-like macro. */
  readonly parameters: readonly string[] | null;
  /** The parameter that takes the rest: `__VA_ARGS__`, or the name in `x...`; null when there is none. */
  readonly variadic: string | null;
  readonly body: readonly Token[];
}

/** An `#undef`. */
export interface MacroEnd {
  readonly name: string;
  readonly start: number;
}

/** What a file says to the preprocessor. */
export interface Directives extends Conditionals {
  /** The directive lines themselves, in order, continuation lines included. */
  readonly lines: readonly Span[];
  /** The directive lines, and the comments outside of them, in the order of the text. */
  readonly markup: readonly Span[];
  readonly macros: readonly MacroDefinition[];
  readonly undefinitions: readonly MacroEnd[];
  /** Names that `#include` gives, without quotes or brackets. */
  readonly includes: readonly string[];
  readonly problems: readonly Problem[];
}

/** Reads the directives of C or assembly text. Both branches of every `#if` count; unbalanced ones are problems. */
export function readDirectives(text: string): Directives {
  const { lines, spans: markup, problems: open } = readMarkup(text);
  const problems = [...open];
  const conditionals = readConditionals(text, lines, problems);
  const macros: MacroDefinition[] = [];
  const undefinitions: MacroEnd[] = [];
  const includes: string[] = [];
  for (const line of lines) {
    if (line.name === 'define') {
      const macro = readDefine(text, line);
      if (macro) macros.push(macro);
      else problems.push({ offset: line.start, message: '#define without a name' });
    } else if (line.name === 'undef') {
      const [name] = tokenize(text, line.nameEnd, line.end);
      if (name) undefinitions.push({ name: name.text, start: line.start });
    } else if (line.name === 'include') {
      const name = /^\s*["<]([^">\n]+)[">]/.exec(text.slice(line.nameEnd, line.end))?.[1];
      if (name !== undefined) includes.push(name);
    }
  }
  return { ...conditionals, lines, markup, macros, undefinitions, includes, problems };
}

/**
 * The `#if` conditions over an offset, outermost first: `CONFIG_X86_64`, `!CONFIG_X`. A directive line itself is under
 * the conditions around it. Include guards and C-or-assembly conditions are left out.
 */
export function configGuardsAt({ regions }: Pick<Conditionals, 'regions'>, offset: number): ConditionGuard[] {
  return conditionsOver(regions, offset).map(({ guard }) => guard);
}

function readDefine(text: string, line: DirectiveLine): MacroDefinition | null {
  const tokens = tokenize(text, line.nameEnd, line.end);
  const [name, open] = tokens;
  if (name?.kind !== 'word') return null;
  const base = { name: name.text, nameStart: name.start, start: line.start, end: line.end };
  if (open?.text !== '(' || open.spaced) return { ...base, parameters: null, variadic: null, body: tokens.slice(1) };
  const close = tokens.findIndex((token) => token.text === ')');
  const list = tokens.slice(2, close < 0 ? tokens.length : close);
  const dots = list.findIndex((token) => token.text === '...');
  const before = list[dots - 1];
  const variadic = dots < 0 ? null : before?.kind === 'word' ? before.text : '__VA_ARGS__';
  const parameters = list
    .filter((token) => token.kind === 'word' && token.text !== variadic)
    .map((token) => token.text);
  return { ...base, parameters, variadic, body: close < 0 ? [] : tokens.slice(close + 1) };
}

import type { Problem } from './problem.js';
import type { Span } from './sourceText.js';
import { collapse, isContinued, skipComment, skipLiteral, tokenize, type Token } from './tokens.js';

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

/** One branch of an `#if` ... `#endif`: its text, without the directive lines. */
export interface ConditionalBranch extends Span {
  /** What holds in it: its own condition and the negation of those before it, as written, outermost first. */
  readonly conditions: readonly string[];
}

/** An `#if` ... `#elif` ... `#else` ... `#endif`. */
export interface Conditional extends Span {
  readonly branches: readonly ConditionalBranch[];
}

/** What a file says to the preprocessor. */
export interface Directives {
  /** The directive lines themselves, in order, continuation lines included. */
  readonly lines: readonly Span[];
  readonly macros: readonly MacroDefinition[];
  /** Names that `#include` gives, without quotes or brackets. */
  readonly includes: readonly string[];
  readonly conditionals: readonly Conditional[];
  readonly problems: readonly Problem[];
}

/**
 * Conditions that only tell which language a header is read as. They say nothing of the kernel's configuration, so no
 * fact carries them. (`__ASSEMBLY__` is the kernel's own older name, `__ASSEMBLER__` GCC's.)
 */
const LANGUAGE_CONDITION =
  /^!?(?:__ASSEMBLY__|__ASSEMBLER__|__KERNEL__)$|^!?defined ?\(?(?:__ASSEMBLY__|__ASSEMBLER__|__KERNEL__)\)?$/;

interface Line extends Span {
  readonly name: string;
  readonly nameEnd: number;
}

/** Reads the directives of C or assembly text. Both branches of every `#if` count; unbalanced ones are problems. */
export function readDirectives(text: string): Directives {
  const lines = directiveLines(text);
  const problems: Problem[] = [];
  const conditionals = readConditionals(text, lines, problems);
  const macros: MacroDefinition[] = [];
  const includes: string[] = [];
  for (const line of lines) {
    if (line.name === 'define') {
      const macro = readDefine(text, line);
      if (macro) macros.push(macro);
      else problems.push({ offset: line.start, message: '#define without a name' });
    } else if (line.name === 'include') {
      const name = /^\s*["<]([^">\n]+)[">]/.exec(text.slice(line.nameEnd, line.end))?.[1];
      if (name !== undefined) includes.push(name);
    }
  }
  return { lines, macros, includes, conditionals, problems };
}

/**
 * The `#if` conditions over an offset, outermost first: `CONFIG_X86_64`, `!CONFIG_X`. A directive line itself is under
 * the conditions around it. Include guards and C-or-assembly conditions are left out.
 */
export function conditionsAt(directives: Directives, offset: number): string[] {
  const conditions: string[] = [];
  for (const conditional of directives.conditionals) {
    if (conditional.start > offset) break;
    if (conditional.end <= offset) continue;
    const branch = conditional.branches.find((b) => b.start <= offset && offset < b.end);
    if (branch) conditions.push(...branch.conditions);
  }
  return conditions;
}

/** What a directive line cannot begin inside of, and what begins one. */
const COMMENT_LITERAL_OR_DIRECTIVE =
  /\/\*[^]*?(?:\*\/|$)|\/\/(?:\\\r?\n|[^\n])*|"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*'|^[ \t]*#/gm;

/** The directive lines of a text. A `#` inside a comment or a literal is none. */
function directiveLines(text: string): Line[] {
  const lines: Line[] = [];
  const pattern = new RegExp(COMMENT_LITERAL_OR_DIRECTIVE);
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
    if (!found[0].endsWith('#') || /^["'/]/.test(found[0])) continue;
    const start = found.index + found[0].length - 1;
    const name = /^#[ \t]*([A-Za-z_]*)/.exec(text.slice(start, start + 64));
    const end = directiveEnd(text, start);
    lines.push({ start, end, name: name?.[1] ?? '', nameEnd: start + (name?.[0].length ?? 1) });
    pattern.lastIndex = end;
  }
  return lines;
}

/** The end of a directive's line: the first newline that is neither continued nor inside a comment. */
function directiveEnd(text: string, start: number): number {
  for (let at = start; at < text.length;) {
    const c = text.charCodeAt(at);
    if (c === 10 && !isContinued(text, at)) return at;
    if (c === 34 || c === 39) at = skipLiteral(text, at, text.length);
    else at = Math.max(at + 1, skipComment(text, at, text.length));
  }
  return text.length;
}

function readDefine(text: string, line: Line): MacroDefinition | null {
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

interface OpenConditional {
  readonly start: number;
  readonly branches: ConditionalBranch[];
  readonly isGuard: boolean;
  branchStart: number;
  conditions: string[];
  negated: string[];
}

function readConditionals(text: string, lines: readonly Line[], problems: Problem[]): Conditional[] {
  const done: Conditional[] = [];
  const open: OpenConditional[] = [];
  const closeBranch = (group: OpenConditional, end: number) => {
    group.branches.push({ start: group.branchStart, end, conditions: group.isGuard ? [] : group.conditions });
  };
  const close = (group: OpenConditional, branchEnd: number, end: number) => {
    closeBranch(group, branchEnd);
    done.push({ start: group.start, end, branches: group.branches });
  };
  lines.forEach((line, index) => {
    const group = open.at(-1);
    switch (line.name) {
      case 'if':
      case 'ifdef':
      case 'ifndef': {
        const condition = conditionOf(text, line);
        open.push({
          start: line.start,
          branches: [],
          isGuard: isIncludeGuard(text, lines, index),
          branchStart: line.end,
          conditions: [condition].filter(tellsConfiguration),
          negated: [negation(condition)].filter(tellsConfiguration),
        });
        return;
      }
      case 'elif':
      case 'elifdef':
      case 'elifndef':
      case 'else': {
        if (!group) return void problems.push({ offset: line.start, message: `#${line.name} without #if` });
        closeBranch(group, line.start);
        group.branchStart = line.end;
        const own = line.name === 'else' ? null : conditionOf(text, line);
        group.conditions = [...group.negated, ...(own === null ? [] : [own])].filter(tellsConfiguration);
        if (own !== null) group.negated = [...group.negated, negation(own)].filter(tellsConfiguration);
        return;
      }
      case 'endif':
        if (!group) return void problems.push({ offset: line.start, message: '#endif without #if' });
        open.pop();
        close(group, line.start, line.end);
    }
  });
  for (const group of open.reverse()) {
    problems.push({ offset: group.start, message: '#if without #endif' });
    close(group, text.length, text.length);
  }
  return done.sort((a, b) => a.start - b.start);
}

function conditionOf(text: string, line: Line): string {
  const condition = collapse(text, line.nameEnd, line.end);
  if (line.name.endsWith('ifdef')) return condition;
  if (line.name.endsWith('ifndef')) return `!${condition}`;
  return condition;
}

function negation(condition: string): string {
  if (/^!\w+$/.test(condition)) return condition.slice(1);
  return /^\w+$/.test(condition) ? `!${condition}` : `!(${condition})`;
}

function tellsConfiguration(condition: string): boolean {
  return !LANGUAGE_CONDITION.test(condition);
}

/** Whether a line is the `#ifndef G` of `#ifndef G` / `#define G` at a file's beginning. */
function isIncludeGuard(text: string, lines: readonly Line[], index: number): boolean {
  const line = lines[index];
  const next = lines[index + 1];
  if (index > 0 || line?.name !== 'ifndef' || next?.name !== 'define') return isTraceHeaderGuard(text, line);
  return collapse(text, line.nameEnd, line.end) === tokenize(text, next.nameEnd, next.end)[0]?.text;
}

/** Tracepoint headers are read several times on purpose: `#if !defined(_TRACE_X_H) || defined(TRACE_HEADER_MULTI_READ)`. */
function isTraceHeaderGuard(text: string, line: Line | undefined): boolean {
  return line?.name === 'if' && text.slice(line.nameEnd, line.end).includes('TRACE_HEADER_MULTI_READ');
}

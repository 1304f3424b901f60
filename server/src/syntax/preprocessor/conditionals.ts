import { memoizeByIdentity } from '../../cache/memoize.js';
import { readCondition, type Condition } from '../conditions/condition.js';
import type { ConditionGuard } from '../conditions/guard.js';
import type { DirectiveLine } from './directiveLines.js';
import { lastAtOrBefore } from '../text/lastAtOrBefore.js';
import type { Problem, Span } from '../text/sourceText.js';
import { collapse, tokenize } from '../text/tokens.js';

/** One branch of an `#if` ... `#endif`: its text, without the directive lines. */
export interface ConditionalBranch extends Span {
  readonly conditional: Conditional;
  /** Its place among the conditional's branches, from 0. */
  readonly index: number;
  /** Its own condition; null for an `#else` and for one that says nothing of the kernel's configuration. */
  readonly condition: Condition | null;
}

/** An `#if` ... `#elif` ... `#else` ... `#endif`. */
interface Conditional extends Span {
  readonly branches: readonly ConditionalBranch[];
  /** The branch that it stands in; null outside of any. */
  readonly outer: ConditionalBranch | null;
}

/** From `start` on, until the next region, text is in this branch. */
interface Region {
  readonly start: number;
  readonly branch: ConditionalBranch | null;
}

/** The conditionals of a text in its order, those around others first, and the regions that they make of it. */
export interface Conditionals {
  readonly conditionals: readonly Conditional[];
  readonly regions: readonly Region[];
}

/** Of a text without any. */
export const NO_CONDITIONALS: Conditionals = { conditionals: [], regions: [] };

/**
 * What a span of a text has of its conditionals, those around it included, with offsets that count from the span's first
 * character: negative before it.
 */
export function conditionalsWithin({ conditionals, regions }: Conditionals, span: Span): Conditionals {
  const from = regions.findLastIndex(({ start }) => start <= span.start);
  const over = regions.slice(Math.max(0, from)).filter(({ start }) => start < span.end);
  const inside = conditionals.filter(({ start, end }) => start >= span.start && end <= span.end);
  if (inside.length === 0 && over.every(({ branch }) => branch === null)) return NO_CONDITIONALS;
  return movedConditionals({ conditionals: inside, regions: over }, (offset) => offset - span.start);
}

/** Conditionals of a text that stands elsewhere now: `place` says where an offset has gone. */
export function movedConditionals(
  { conditionals, regions }: Conditionals,
  place: (offset: number) => number,
): Conditionals {
  const moved = memoizeByIdentity((conditional: Conditional): Conditional =>
    movedConditional(conditional, place, movedBranch),
  );
  const movedBranch = ({ conditional, index }: ConditionalBranch): ConditionalBranch | null =>
    moved(conditional).branches[index] ?? null;
  return {
    conditionals: conditionals.map(moved),
    regions: regions.map(({ start, branch }) => ({ start: place(start), branch: branch && movedBranch(branch) })),
  };
}

function movedConditional(
  { start, end, branches, outer }: Conditional,
  place: (offset: number) => number,
  movedBranch: (branch: ConditionalBranch) => ConditionalBranch | null,
): Conditional {
  const own: ConditionalBranch[] = [];
  const conditional = { start: place(start), end: place(end), branches: own, outer: outer && movedBranch(outer) };
  for (const branch of branches)
    own.push({ ...branch, conditional, start: place(branch.start), end: place(branch.end) });
  return conditional;
}

/** A condition over a place, and where its `#if` begins. */
interface PlacedGuard {
  readonly guard: ConditionGuard;
  readonly offset: number;
}

/** The conditions of the branches around an offset, outermost first: those before each are negated. */
export function conditionsOver(regions: readonly Region[], offset: number): PlacedGuard[] {
  const conditions: PlacedGuard[][] = [];
  for (let branch = branchAt(regions, offset); branch; branch = branch.conditional.outer) {
    conditions.push(branchConditions(branch));
  }
  return conditions.reverse().flat();
}

function branchConditions({ conditional, index, condition: own }: ConditionalBranch): PlacedGuard[] {
  const before = conditional.branches.slice(0, index).flatMap((branch) => branch.condition ?? []);
  const guards = [
    ...before.map((condition): ConditionGuard => ({ kind: 'config', condition, negated: true })),
    ...(own ? [{ kind: 'config', condition: own, negated: false } as const] : []),
  ];
  return guards.map((guard) => ({ guard, offset: conditional.start }));
}

function branchAt(regions: readonly Region[], offset: number): ConditionalBranch | null {
  return regions[lastAtOrBefore(regions, offset, ({ start }) => start)]?.branch ?? null;
}

interface GrowingBranch extends ConditionalBranch {
  end: number;
}

interface GrowingConditional extends Conditional {
  end: number;
  readonly branches: GrowingBranch[];
  /** It is an include guard, whose conditions say nothing. */
  readonly isGuard: boolean;
}

/** Reads the `#if`s among a text's directives. Both branches of every one count; unbalanced ones are problems. */
export function readConditionals(text: string, lines: readonly DirectiveLine[], problems: Problem[]): Conditionals {
  const conditionals: GrowingConditional[] = [];
  const regions: Region[] = [];
  const open: GrowingConditional[] = [];
  const endBranch = (group: GrowingConditional, end: number) => {
    const branch = group.branches.at(-1);
    if (branch) branch.end = end;
    regions.push({ start: end, branch: group.outer });
  };
  const beginBranch = (group: GrowingConditional, line: DirectiveLine) => {
    const written = line.name === 'else' || group.isGuard ? null : conditionOf(text, line);
    const condition = written !== null && tellsConfiguration(written) ? readCondition(written) : null;
    const { length: index } = group.branches;
    const branch = { conditional: group, index, condition, start: line.end, end: text.length };
    group.branches.push(branch);
    regions.push({ start: line.end, branch });
  };
  lines.forEach((line, index) => {
    const group = open.at(-1);
    switch (line.name) {
      case 'if':
      case 'ifdef':
      case 'ifndef': {
        const outer = group?.branches.at(-1) ?? null;
        const isGuard = isIncludeGuard(text, lines, index);
        const fresh: GrowingConditional = { start: line.start, end: text.length, branches: [], outer, isGuard };
        conditionals.push(fresh);
        open.push(fresh);
        beginBranch(fresh, line);
        return;
      }
      case 'elif':
      case 'elifdef':
      case 'elifndef':
      case 'else':
        if (!group) return void problems.push({ offset: line.start, message: `#${line.name} without #if` });
        endBranch(group, line.start);
        beginBranch(group, line);
        return;
      case 'endif':
        if (!group) return void problems.push({ offset: line.start, message: '#endif without #if' });
        open.pop();
        endBranch(group, line.start);
        group.end = line.end;
    }
  });
  for (const { start } of open.reverse()) problems.push({ offset: start, message: '#if without #endif' });
  return { conditionals, regions };
}

function conditionOf(text: string, line: DirectiveLine): string {
  const condition = collapse(text, line.nameEnd, line.end);
  if (line.name.endsWith('ifdef')) return condition;
  if (line.name.endsWith('ifndef')) return `!${condition}`;
  return condition;
}

/**
 * Conditions that only tell which language a header is read as. They say nothing of the kernel's configuration, so no
 * fact carries them. (`__ASSEMBLY__` is the kernel's own older name, `__ASSEMBLER__` GCC's.)
 */
const LANGUAGE_CONDITION =
  /^!?(?:__ASSEMBLY__|__ASSEMBLER__|__KERNEL__)$|^!?defined ?\(?(?:__ASSEMBLY__|__ASSEMBLER__|__KERNEL__)\)?$/;

function tellsConfiguration(condition: string): boolean {
  return !LANGUAGE_CONDITION.test(condition);
}

/** Whether a line is the `#ifndef G` of `#ifndef G` / `#define G` at a file's beginning. */
function isIncludeGuard(text: string, lines: readonly DirectiveLine[], index: number): boolean {
  const line = lines[index];
  const next = lines[index + 1];
  if (index > 0 || line?.name !== 'ifndef' || next?.name !== 'define') return isTraceHeaderGuard(text, line);
  return collapse(text, line.nameEnd, line.end) === tokenize(text, next.nameEnd, next.end)[0]?.text;
}

/** Tracepoint headers are read several times on purpose: `#if !defined(_TRACE_X_H) || defined(TRACE_HEADER_MULTI_READ)`. */
function isTraceHeaderGuard(text: string, line: DirectiveLine | undefined): boolean {
  return line?.name === 'if' && text.slice(line.nameEnd, line.end).includes('TRACE_HEADER_MULTI_READ');
}

import { memoizeByIdentity } from '../../cache/memoize.js';
import { ancestors, child, type CNode } from '../../syntax/c/cTree.js';
import { readCondition, type Condition } from '../../syntax/conditions/condition.js';
import type { CaseGuard, Guard, GuardKind } from '../../syntax/conditions/guard.js';
import { conditionsOver, type Conditionals } from '../../syntax/preprocessor/conditionals.js';
import { collapse } from '../../syntax/text/tokens.js';

/** A condition that code is under; `offset` is where the condition's statement begins. */
interface PlacedGuard {
  readonly guard: Guard;
  readonly offset: number;
}

/** A function's tree with what guards are read from. */
export interface GuardContext {
  /** The function's. */
  readonly text: string;
  readonly conditionals: Conditionals;
  /** The function's labels in the order of the text, and where it jumps to them. */
  readonly labels: readonly Label[];
  /** The early exits in a block. */
  readonly exitsIn: (block: CNode) => readonly EarlyExit[];
  /** What a node that is a condition says. */
  readonly conditionAt: (node: CNode) => Condition;
}

interface Label {
  readonly offset: number;
  readonly jumps: readonly number[];
}

/** An `if` that leaves, or a BUG_ON(), and what holds behind it. */
interface EarlyExit {
  readonly start: number;
  /** From here on the code may have been reached past the test, by a jump to a label; Infinity without any. */
  readonly reachedFrom: number;
  readonly guards: readonly PlacedGuard[];
}

/** Prepares the guards of a function's nodes. `meaning`: what a condition is about, where its text alone does not tell. */
export function guardContext(
  text: string,
  conditionals: Conditionals,
  nodes: readonly CNode[],
  meaning: (condition: Condition) => Condition,
): GuardContext {
  const labels = new Map<string, { offset: number; jumps: number[] }>();
  const jumps: { name: string; offset: number }[] = [];
  for (const node of nodes) {
    const label =
      node.type === 'labeled_statement' || node.type === 'goto_statement' ? child(node, 'label') : undefined;
    if (!label) continue;
    const name = text.slice(label.start, label.end);
    if (node.type === 'goto_statement') jumps.push({ name, offset: node.start });
    else labels.set(name, { offset: node.start, jumps: [] });
  }
  for (const jump of jumps) labels.get(jump.name)?.jumps.push(jump.offset);
  const inOrder = [...labels.values()].sort((a, b) => a.offset - b.offset);
  const conditionAt = memoizeByIdentity((node: CNode) =>
    meaning(readCondition(withoutBrackets(collapse(text, node.start, node.end)))),
  );
  const base = { text, conditionals, labels: inOrder, conditionAt };
  return { ...base, exitsIn: memoizeByIdentity((block: CNode) => exitsOf(base, block)) };
}

/**
 * The conditions that a node is under, outermost first: enclosing `if`, `?:`, `&&`, `||`, `while` and `case`; `#if`; and
 * earlier exits that were not taken. What stands in a condition is not under it.
 */
export function guardsOf(context: GuardContext, node: CNode): Guard[] {
  const guards: PlacedGuard[] = conditionsOver(context.conditionals.regions, node.start);
  let below = node;
  for (const above of ancestors(node)) {
    const enclosing = enclosingGuard(context, above, below);
    if (enclosing) guards.push(enclosing);
    if (isBlock(above)) guards.push(...earlyExits(context, above, below, node));
    below = above;
  }
  return guards.sort((a, b) => a.offset - b.offset).map(({ guard }) => guard);
}

/** As many conditions as a node may be under to be looked into: in the kernels that are tested, none is under more than 20. */
const MOST_CONDITIONS = 100;

/**
 * The outermost of a body's nodes that are under more conditions, earlier exits included, than are kept for a node: each node has all
 * of its own, so that the work for a body with ever more of them is not linear.
 */
export function nodesUnderTooMany(context: GuardContext, body: CNode, nodes: readonly CNode[]): CNode[] {
  if (nodes.filter(({ type }) => CONDITIONAL.has(type)).length <= MOST_CONDITIONS) return [];
  const found: CNode[] = [];
  const visit = (node: CNode, held: number): void => {
    if (held > MOST_CONDITIONS) {
      found.push(node);
      return;
    }
    const exits = isBlock(node) ? context.exitsIn(node) : [];
    let passed = 0;
    for (const below of node.children) {
      while ((exits[passed]?.start ?? Infinity) < below.start) passed++;
      visit(below, held + passed + (enclosingGuard(context, node, below) ? 1 : 0));
    }
  };
  visit(body, 0);
  return found;
}

/** What puts others under a condition: a call may be a `BUG_ON()`. */
const CONDITIONAL: ReadonlySet<string> = new Set([
  'if_statement',
  'conditional_expression',
  'binary_expression',
  'while_statement',
  'case_statement',
  'call_expression',
]);

function isBlock({ type }: CNode): boolean {
  return type === 'compound_statement' || type === 'case_statement';
}

function enclosingGuard(context: GuardContext, above: CNode, below: CNode): PlacedGuard | null {
  const placed = (condition: CNode | undefined, kind: GuardKind, negated: boolean): PlacedGuard | null =>
    condition ? { guard: { kind, condition: context.conditionAt(condition), negated }, offset: above.start } : null;
  switch (above.type) {
    case 'if_statement':
    case 'conditional_expression':
      if (below.field === 'consequence') return placed(child(above, 'condition'), 'if', false);
      if (below.field === 'alternative') return placed(child(above, 'condition'), 'else', true);
      return null;
    case 'binary_expression': {
      if (below.field !== 'right') return null;
      const operator = child(above, 'operator')?.type;
      const left = child(above, 'left');
      if (operator !== '&&' && operator !== '||') return null;
      return placed(left, 'short-circuit', operator === '||');
    }
    case 'while_statement':
      // A loop macro was rewritten as `while` for the parser; what it iterates over is no condition.
      if (below.field !== 'body' || !context.text.startsWith('while', above.start)) return null;
      return placed(child(above, 'condition'), 'loop', false);
    case 'case_statement':
      if (below.field === 'value') return null;
      return { guard: caseGuard(context, above), offset: above.start };
    default:
      return null;
  }
}

/** The labels of a case, those stacked above it included: `case A | case B`. */
function caseGuard(context: GuardContext, statement: CNode): CaseGuard {
  const siblings = statement.parent?.children ?? [];
  const labels = [caseLabel(context, statement)];
  for (let at = siblings.indexOf(statement) - 1; at >= 0; at--) {
    const before = siblings[at];
    if (before?.type !== 'case_statement' || before.children.some((c) => c.field !== 'value')) break;
    labels.unshift(caseLabel(context, before));
  }
  const choice = [...ancestors(statement)].find((above) => above.type === 'switch_statement');
  const subject = choice ? child(choice, 'condition') : undefined;
  return {
    kind: 'case',
    labels,
    subject: subject ? withoutBrackets(collapse(context.text, subject.start, subject.end)) : '',
  };
}

/** The label's value as written; null for `default`. */
function caseLabel(context: GuardContext, statement: CNode): string | null {
  const value = child(statement, 'value');
  if (!value) return null;
  const colon = context.text.indexOf(':', value.end);
  return collapse(context.text, value.start, colon < 0 ? value.end : colon);
}

/** The exits before `below` in its block that must not have been taken to get to `node`. */
function earlyExits(context: GuardContext, block: CNode, below: CNode, node: CNode): PlacedGuard[] {
  const found: PlacedGuard[] = [];
  for (const { start, reachedFrom, guards } of context.exitsIn(block)) {
    if (start >= below.start) break;
    if (node.start < reachedFrom) found.push(...guards);
  }
  return found;
}

/** What early exits are read from. */
type ExitContext = Omit<GuardContext, 'exitsIn'>;

function exitsOf(context: ExitContext, block: CNode): EarlyExit[] {
  return block.children.flatMap((below) => {
    const statement = below.type === 'labeled_statement' ? below.children.at(-1) : below;
    if (!statement) return [];
    const guards =
      statement.type === 'if_statement' ? exitConditions(context, statement) : assertedConditions(context, statement);
    if (guards.length === 0) return [];
    return [{ start: below.start, reachedFrom: reachedFrom(context, statement), guards }];
  });
}

/** `!(cond)` for an `if` that leaves, and for each `else if` after it that leaves too. */
function exitConditions(context: ExitContext, first: CNode): PlacedGuard[] {
  const conditions: PlacedGuard[] = [];
  for (let statement: CNode | undefined = first; statement;) {
    const condition = child(statement, 'condition');
    const consequence = child(statement, 'consequence');
    if (!condition || !consequence || !alwaysLeaves(consequence)) break;
    const guard: Guard = { kind: 'exit', condition: context.conditionAt(condition), negated: true };
    conditions.push({ guard, offset: statement.start });
    statement = child(statement, 'alternative')?.children.find((c) => c.type === 'if_statement');
  }
  return conditions;
}

/** `!(cond)` for a `BUG_ON(cond)`, which nothing passes where the condition holds, however the kernel is built (asm-generic/bug.h). */
function assertedConditions(context: ExitContext, statement: CNode): PlacedGuard[] {
  const [call] = statement.type === 'expression_statement' ? statement.children : [];
  const callee = call?.type === 'call_expression' ? child(call, 'function') : undefined;
  if (!call || !callee || context.text.slice(callee.start, callee.end) !== 'BUG_ON') return [];
  const condition = child(call, 'arguments')?.children[0];
  if (!condition) return [];
  return [
    { guard: { kind: 'asserted', condition: context.conditionAt(condition), negated: true }, offset: statement.start },
  ];
}

/** The first label behind an `if` that a jump from before (or out of) it leads to; Infinity without any. */
function reachedFrom(context: ExitContext, statement: CNode): number {
  const reached = context.labels.find(
    (label) => label.offset >= statement.end && label.jumps.some((jump) => jump < statement.end),
  );
  return reached?.offset ?? Infinity;
}

const LEAVING = new Set(['return_statement', 'goto_statement', 'break_statement', 'continue_statement']);

/** Whether a statement is a jump, or a block with one: what a reader sees to leave at a glance. */
function alwaysLeaves(statement: CNode): boolean {
  return (
    LEAVING.has(statement.type) ||
    (statement.type === 'compound_statement' && statement.children.some((c) => LEAVING.has(c.type)))
  );
}

/** A condition without the parentheses that belong to its statement. */
function withoutBrackets(text: string): string {
  return isParenthesized(text) ? text.slice(1, -1).trim() : text;
}

function isParenthesized(text: string): boolean {
  if (!text.startsWith('(') || !text.endsWith(')')) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0) return i === text.length - 1;
  }
  return false;
}

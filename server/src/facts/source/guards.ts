import { ancestors, child, type CNode } from '../../syntax/c/cTree.js';
import { conditionsOver } from '../../syntax/preprocessor/conditionals.js';
import type { Directives } from '../../syntax/preprocessor/directives.js';
import { collapse } from '../../syntax/text/tokens.js';

/** A condition that code is under, as written; `offset` is where the condition's statement begins. */
interface Guard {
  readonly text: string;
  readonly offset: number;
}

/** The text that guards are read from, and the offset in its file that it begins at. */
interface GuardText {
  readonly text: string;
  readonly start: number;
}

/** A function's tree with what guards are read from. */
export interface GuardContext extends GuardText {
  readonly directives: Directives;
  /** The function's labels in the order of the text, and where it jumps to them. */
  readonly labels: readonly Label[];
  /** The early exits in each block, as far as they were asked for. */
  readonly exits: Map<CNode, readonly EarlyExit[]>;
}

interface Label {
  readonly offset: number;
  readonly jumps: readonly number[];
}

/** An `if` that leaves, and what holds behind it. */
interface EarlyExit {
  readonly start: number;
  /** From here on the code may have been reached past the test, by a jump to a label; Infinity without any. */
  readonly reachedFrom: number;
  readonly guards: readonly Guard[];
}

/** Prepares the guards of a function's nodes. */
export function guardContext(source: GuardText, directives: Directives, nodes: readonly CNode[]): GuardContext {
  const labels = new Map<string, { offset: number; jumps: number[] }>();
  const jumps: { name: string; offset: number }[] = [];
  for (const node of nodes) {
    const label =
      node.type === 'labeled_statement' || node.type === 'goto_statement' ? child(node, 'label') : undefined;
    if (!label) continue;
    const name = source.text.slice(label.start - source.start, label.end - source.start);
    if (node.type === 'goto_statement') jumps.push({ name, offset: node.start });
    else labels.set(name, { offset: node.start, jumps: [] });
  }
  for (const jump of jumps) labels.get(jump.name)?.jumps.push(jump.offset);
  const inOrder = [...labels.values()].sort((a, b) => a.offset - b.offset);
  return { ...source, directives, labels: inOrder, exits: new Map() };
}

/**
 * The conditions that a node is under, outermost first: enclosing `if`, `?:`, `&&`, `||`, `while` and `case`; `#if`; and
 * earlier exits that were not taken. What stands in a condition is not under it.
 */
export function guardsOf(context: GuardContext, node: CNode): string[] {
  const guards: Guard[] = conditionsOver(context.directives.regions, node.start);
  let below = node;
  for (const above of ancestors(node)) {
    const enclosing = enclosingGuard(context, above, below);
    if (enclosing) guards.push(enclosing);
    if (above.type === 'compound_statement' || above.type === 'case_statement')
      guards.push(...earlyExits(context, above, below, node));
    below = above;
  }
  return guards.sort((a, b) => a.offset - b.offset).map((guard) => guard.text);
}

function enclosingGuard(context: GuardContext, above: CNode, below: CNode): Guard | null {
  const guard = (condition: CNode | undefined, wrap: (text: string) => string): Guard | null =>
    condition ? { text: wrap(written(context, condition)), offset: above.start } : null;
  switch (above.type) {
    case 'if_statement':
    case 'conditional_expression':
      if (below.field === 'consequence') return guard(child(above, 'condition'), bare);
      if (below.field === 'alternative') return guard(child(above, 'condition'), negated);
      return null;
    case 'binary_expression': {
      if (below.field !== 'right') return null;
      const operator = child(above, 'operator')?.type;
      const left = child(above, 'left');
      if (operator === '&&') return guard(left, bare);
      return operator === '||' ? guard(left, negated) : null;
    }
    case 'while_statement':
      // A loop macro was rewritten as `while` for the parser; what it iterates over is no condition.
      if (below.field !== 'body' || !context.text.startsWith('while', above.start - context.start)) return null;
      return guard(child(above, 'condition'), (text) => `while (${bare(text)})`);
    case 'case_statement':
      if (below.field === 'value') return null;
      return { text: caseLabels(context, above), offset: above.start };
    default:
      return null;
  }
}

/** The labels of a case, those stacked above it included: `case A | case B`. */
function caseLabels(context: GuardContext, statement: CNode): string {
  const siblings = statement.parent?.children ?? [];
  const labels = [caseLabel(context, statement)];
  for (let at = siblings.indexOf(statement) - 1; at >= 0; at--) {
    const before = siblings[at];
    if (before?.type !== 'case_statement' || before.children.some((c) => c.field !== 'value')) break;
    labels.unshift(caseLabel(context, before));
  }
  return labels.join(' | ');
}

function caseLabel(context: GuardContext, statement: CNode): string {
  const value = child(statement, 'value');
  if (!value) return 'default';
  const end = value.end - context.start;
  const colon = context.text.indexOf(':', end);
  return `case ${collapse(context.text, value.start - context.start, colon < 0 ? end : colon)}`;
}

/** The exits before `below` in its block that must not have been taken to get to `node`. */
function earlyExits(context: GuardContext, block: CNode, below: CNode, node: CNode): Guard[] {
  const exits = context.exits.get(block) ?? exitsOf(context, block);
  context.exits.set(block, exits);
  const found: Guard[] = [];
  for (const { start, reachedFrom, guards } of exits) {
    if (start >= below.start) break;
    if (node.start < reachedFrom) found.push(...guards);
  }
  return found;
}

function exitsOf(context: GuardContext, block: CNode): EarlyExit[] {
  return block.children.flatMap((below) => {
    const statement = below.type === 'labeled_statement' ? below.children.at(-1) : below;
    const guards = statement?.type === 'if_statement' ? exitConditions(context, statement) : [];
    if (!statement || guards.length === 0) return [];
    return [{ start: below.start, reachedFrom: reachedFrom(context, statement), guards }];
  });
}

/** `!(cond)` for an `if` that leaves, and for each `else if` after it that leaves too. */
function exitConditions(context: GuardContext, first: CNode): Guard[] {
  const conditions: Guard[] = [];
  for (let statement: CNode | undefined = first; statement;) {
    const condition = child(statement, 'condition');
    const consequence = child(statement, 'consequence');
    if (!condition || !consequence || !alwaysLeaves(consequence)) break;
    conditions.push({ text: negated(written(context, condition)), offset: statement.start });
    statement = child(statement, 'alternative')?.children.find((c) => c.type === 'if_statement');
  }
  return conditions;
}

/** The first label behind an `if` that a jump from before (or out of) it leads to; Infinity without any. */
function reachedFrom(context: GuardContext, statement: CNode): number {
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

function written(context: GuardContext, node: CNode): string {
  return collapse(context.text, node.start - context.start, node.end - context.start);
}

/** A condition without the parentheses that belong to its statement. */
function bare(text: string): string {
  return isParenthesized(text) ? text.slice(1, -1).trim() : text;
}

function negated(text: string): string {
  return `!(${bare(text)})`;
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

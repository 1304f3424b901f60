import { ancestors, child, type CNode } from '../../syntax/c/cTree.js';
import { hasGuard } from '../../syntax/conditions/guard.js';
import { bareExpression, textOf, writtenText, type FunctionContext } from '../source/expressions.js';
import { structOf } from '../source/expressionTypes.js';
import { guardsOf } from '../source/guards.js';
import { reachingDefinitions } from '../source/reachingDefinitions.js';
import { changesOf } from '../source/variableChanges.js';
import { MASK_PREFIX } from './architecturalComponents.js';

/*
 * Which components a copy of FPU state leaves out, as masks in C's words: those that code takes out of the set that is copied
 * (`xfeatures & ~XFEATURE_MASK_APX`), and all but two where only the memory of FXSAVE is.
 */

/** How far a set of components is followed through local variables. */
const MOST_LOCALS = 3;

/** What the memory of FXSAVE has no room for: it is the legacy region of XSAVE's (SDM vol. 1, 13.4.1). */
const BUT_LEGACY = `~(${MASK_PREFIX}FP | ${MASK_PREFIX}SSE)`;
const LEGACY_TYPE = 'fxregs_state';
/** Members of XSAVE's memory that are that region (asm/fpu/types.h). */
const LEGACY_MEMBER = /(?:\.|->)(?:fxsave|i387)\b/;

/** What is left out of a copy by what is given to it: its memory, or the set of components. */
export function leftOutBy(context: FunctionContext, given: readonly CNode[]): string[] {
  return given.flatMap((expression) => [
    ...(isLegacy(context, expression) ? [BUT_LEGACY] : []),
    ...takenOut(context, bareExpression(expression), 0),
  ]);
}

/** What a function takes out of a set of its own before a copy that it does, and out of one that the copy is under. */
export function leftOutBefore(context: FunctionContext, copy: CNode): string[] {
  const common = guardsOf(context.tree.guards, copy);
  const asked = testsOf(copy).flatMap((test) => takenOut(context, bareExpression(test), MOST_LOCALS));
  const before = context.tree.nodes.flatMap((node) => {
    const value = node.type === 'assignment_expression' && node.end <= copy.start ? child(node, 'right') : undefined;
    const isAlways = value && guardsOf(context.tree.guards, node).every((guard) => hasGuard(common, guard));
    return isAlways ? takenOut(context, bareExpression(value), MOST_LOCALS) : [];
  });
  return [...asked, ...before];
}

/** The tests that a node is under: `set & ~A & BIT(i)` of an `if` around it, and of `if (!(set & ~A & BIT(i))) continue;` before it. */
function testsOf(node: CNode): CNode[] {
  const found: CNode[] = [];
  for (const outer of ancestors(node)) {
    const consequence = outer.type === 'if_statement' ? child(outer, 'consequence') : undefined;
    const test = child(outer, 'condition');
    if (consequence && test && consequence.start <= node.start && node.end <= consequence.end) found.push(test);
    if (outer.type === 'compound_statement') found.push(...passedTests(outer, node));
  }
  return found;
}

/** What must hold in a loop's body for its statements before a node not to go on with the next turn. */
function passedTests(body: CNode, node: CNode): CNode[] {
  return body.children.flatMap((statement) => {
    const leaves = child(statement, 'consequence')?.type === 'continue_statement';
    const test = leaves && statement.end <= node.start ? child(statement, 'condition') : undefined;
    const whole = test && bareExpression(test);
    const isNegated = whole?.type === 'unary_expression' && child(whole, 'operator')?.type === '!';
    const inner = isNegated ? child(whole, 'argument') : undefined;
    return inner ? [inner] : [];
  });
}

function isLegacy(context: FunctionContext, expression: CNode): boolean {
  return structOf(context, expression) === LEGACY_TYPE || LEGACY_MEMBER.test(textOf(context, expression));
}

/** The masks in a chain of `&` that are negated: `set & ~A & ~B`; a parameter, which callers give, by its name. */
function takenOut(context: FunctionContext, node: CNode, depth: number): string[] {
  const operator = child(node, 'operator')?.type;
  if (node.type === 'binary_expression' && operator === '&')
    return ['left', 'right'].flatMap((field) => {
      const side = child(node, field);
      return side ? takenOut(context, bareExpression(side), depth) : [];
    });
  const inner = node.type === 'unary_expression' && operator === '~' ? child(node, 'argument') : undefined;
  if (inner) {
    const mask = writtenText(context, inner);
    const isGiven = context.tree.parameters.some(({ name }) => name === mask);
    return isGiven || mask.includes(MASK_PREFIX) ? [mask] : [];
  }
  return node.type === 'identifier' && depth < MOST_LOCALS ? takenOutOfLocal(context, node, depth) : [];
}

/** What a local variable's value lacks: by its only definition, and by what is taken out of it afterwards in any case. */
function takenOutOfLocal(context: FunctionContext, use: CNode, depth: number): string[] {
  const name = textOf(context, use);
  if (!context.tree.variables.has(name)) return [];
  const common = guardsOf(context.tree.guards, use);
  const [only, another] = reachingDefinitions(context.tree, use).found;
  const defined =
    only && !another && only.guards.length === 0 ? takenOut(context, bareExpression(only.value), depth + 1) : [];
  const later = changesOf(context.tree, name).flatMap(({ node, operator, value }) => {
    if (operator !== '&=' || node.end > use.start || !value) return [];
    const isAlways = guardsOf(context.tree.guards, node).every((guard) => hasGuard(common, guard));
    return isAlways ? takenOut(context, bareExpression(value), depth + 1) : [];
  });
  return [...defined, ...later];
}

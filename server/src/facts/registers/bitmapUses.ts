import { ancestors, child, descendants, type CNode } from '../../syntax/c/cTree.js';
import { tokenize } from '../../syntax/text/tokens.js';
import { argumentsOf, calleeName, textOf, type FunctionContext } from '../source/expressions.js';
import { bitmapOf } from './bitmapChanges.js';
import { rangeChange } from './bitmapRangeCalls.js';
import { bitOperation, calledBitTest, bitNumbers, expandedMask, type Bitmap } from './registerBits.js';

/**
 * A use of one of the cache's bitmaps that does not tell which registers it is about: the bitmap goes to a local variable or to
 * another function, a mask comes from one, or the result of a test is kept. Any register may be tested, marked or cleared by it.
 */
export interface OpaqueBitmapUse {
  readonly bitmap: Bitmap;
  /** Offset of what is used so. */
  readonly offset: number;
}

/** The uses of the cache's bitmaps in a function that are not understood. */
export function opaqueBitmapUses(context: FunctionContext): OpaqueBitmapUse[] {
  const { nodes, isRepeated } = context.tree;
  return nodes.flatMap((node): OpaqueBitmapUse[] => {
    const bitmap = isRepeated(node.start) ? null : (opaqueBitmap(context, node) ?? keptTest(context, node));
    return bitmap === null ? [] : [{ bitmap, offset: node.start }];
  });
}

/** The bitmap that a node is and that is used in a way that is not understood. */
function opaqueBitmap(context: FunctionContext, node: CNode): Bitmap | null {
  const bitmap = node.type === 'field_expression' ? bitmapOf(context, node) : null;
  return bitmap === null || isUnderstood(context, outermost(node)) ? null : bitmap;
}

/** The bitmap expression with the casts, brackets, subscripts and operators of pointers around it. */
function outermost(node: CNode): CNode {
  const above = node.parent;
  return above && /^(?:parenthesized|cast|subscript|pointer)_expression$/.test(above.type) ? outermost(above) : node;
}

function isUnderstood(context: FunctionContext, bitmap: CNode): boolean {
  const above = bitmap.parent;
  const operator = above ? (child(above, 'operator')?.type ?? '') : '';
  switch (above?.type) {
    case 'assignment_expression': {
      const mask = child(above, 'right');
      return bitmap.field === 'left' && mask !== undefined && isKnownMask(context, mask, operator);
    }
    case 'binary_expression':
      return isOwnUpdate(context, above) || isOneBitTest(context, above, bitmap);
    case 'argument_list':
      return above.parent?.type === 'call_expression' && isUnderstoodCall(context, above.parent);
    case 'sizeof_expression':
      return true;
    default:
      return false;
  }
}

function isUnderstoodCall(context: FunctionContext, call: CNode): boolean {
  const name = calleeName(context, call);
  return name === 'ARRAY_SIZE' || bitOperation(name) !== null || rangeChange(context, call) !== null;
}

/** `regs_avail & (1 << X)`, `regs_avail >> X`, where what it gives is tested at once. */
function isOneBitTest(context: FunctionContext, operation: CNode, bitmap: CNode): boolean {
  const operator = child(operation, 'operator')?.type;
  const other = child(operation, bitmap.field === 'left' ? 'right' : 'left');
  const isTest = operator === '>>' || (operator === '&' && other !== undefined && namesOneBit(context, other));
  return isTest && !isKept(operation);
}

/** Whether a mask is written out, or the parameter of a function that clears what it is given. */
function isKnownMask(context: FunctionContext, mask: CNode, operator: string): boolean {
  // What sets bits, and names none, is a macro that the tree does not define.
  if (operator === '|=' && !namesBits(context, mask)) return false;
  const { definitions, parameters, variables } = context.tree;
  const names = [mask, ...descendants(mask)].filter(({ type }) => type === 'identifier').map((n) => textOf(context, n));
  const isGiven = (name: string) => operator !== '|=' && parameters.some((parameter) => parameter.name === name);
  return names.every(
    (name) => isGiven(name) || !(definitions.has(name) || variables.has(name)) || isVcpu(context, name),
  );
}

/** A variable that is a way to the cache itself. */
function isVcpu({ tree }: FunctionContext, name: string): boolean {
  return (tree.variables.get(name) ?? '') !== '';
}

/** `regs_avail = regs_avail & ~mask`, with a mask that is written out. */
function isOwnUpdate(context: FunctionContext, operation: CNode): boolean {
  const assignment = [...ancestors(operation)].find(({ type }) => type !== 'parenthesized_expression');
  if (assignment?.type !== 'assignment_expression') return false;
  const left = child(assignment, 'left');
  const right = child(assignment, 'right');
  return (
    left !== undefined && right !== undefined && bitmapOf(context, left) !== null && isKnownMask(context, right, '|=')
  );
}

function namesBits(context: FunctionContext, mask: CNode): boolean {
  const text = textOf(context, mask);
  return /^~?\s*0[uUlL]*$/.test(text) || bitNumbers(expandedMask(tokenize(text), context.symbols)).length > 0;
}

function namesOneBit(context: FunctionContext, mask: CNode): boolean {
  return bitNumbers(expandedMask(tokenize(textOf(context, mask)), context.symbols)).length === 1;
}

/** The bitmap that a call tests, where what it finds is kept in a variable. */
function keptTest(context: FunctionContext, node: CNode): Bitmap | null {
  if (node.type !== 'call_expression') return null;
  const given = argumentsOf(node).map((argument) => textOf(context, argument));
  const test = calledBitTest(context.symbols, calleeName(context, node), given);
  return test && isKept(node) ? test.bit : null;
}

/** Whether an expression's value goes to a variable. */
function isKept(node: CNode): boolean {
  let below = node;
  for (const above of ancestors(node)) {
    if (above.type === 'init_declarator') return true;
    if (above.type === 'assignment_expression') return below.field === 'right';
    if (/_statement$|^declaration$/.test(above.type)) return false;
    below = above;
  }
  return false;
}

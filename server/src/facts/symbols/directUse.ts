import { child, type CNode } from '../../syntax/c/cTree.js';
import { bareExpression, textOf, type FunctionContext } from '../source/expressions.js';
import { cacheField, indexedCall, namedRegister, registerArray } from '../registers/cacheExpressions.js';

/** A register that a function is for, and what it does with it. */
export interface DirectUse {
  readonly member: string;
  readonly kind: 'read' | 'write';
}

/** What a function's return value, or what it is given, is: one register and nothing else. */
export function directUse(context: FunctionContext): DirectUse | null {
  const { parameters, nodes } = context.tree;
  const returned = nodes.filter((node) => node.type === 'return_statement').flatMap((node) => node.children);
  if (parameters.length === 1) {
    const last = returned.at(-1);
    const member = last ? registerOfValue(context, last) : null;
    return member === null ? null : { member, kind: 'read' };
  }
  const value = parameters[1]?.name;
  if (parameters.length !== 2 || value === undefined || value === '') return null;
  for (const node of nodes) {
    const written = writtenRegister(context, node);
    if (written && textOf(context, bareExpression(written.value)) === value)
      return { member: written.member, kind: 'write' };
  }
  return null;
}

/** The register that an expression is the value of: named by its slot, perhaps masked. */
function registerOfValue(context: FunctionContext, expression: CNode): string | null {
  const node = bareExpression(expression);
  if (node.type === 'binary_expression' && child(node, 'operator')?.type === '&') {
    const left = child(node, 'left');
    return left ? registerOfValue(context, left) : null;
  }
  return slotRegister(context, node);
}

function slotRegister(context: FunctionContext, node: CNode): string | null {
  if (node.type === 'subscript_expression') {
    const array = child(node, 'argument');
    if (array && registerArray(context, array) === 'cache') return namedRegister(context, child(node, 'index'));
  }
  const field = cacheField(context, node);
  if (field && node.type === 'field_expression') return field.member;
  const call = indexedCall(context, node);
  return call?.callee.kind === 'read' && call.callee.storage === 'cache' ? namedRegister(context, call.index) : null;
}

function writtenRegister(
  context: FunctionContext,
  node: CNode,
): { readonly member: string; readonly value: CNode } | null {
  if (node.type === 'assignment_expression') {
    const [left, value] = [child(node, 'left'), child(node, 'right')];
    const member = left ? slotRegister(context, bareExpression(left)) : null;
    return member !== null && value && child(node, 'operator')?.type === '=' ? { member, value } : null;
  }
  const call = indexedCall(context, node);
  if (call?.callee.kind !== 'write' || call.callee.storage !== 'cache' || !call.value) return null;
  const member = namedRegister(context, call.index);
  return member === null ? null : { member, value: call.value };
}

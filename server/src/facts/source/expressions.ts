import { child, type CNode } from '../../syntax/c/cTree.js';
import { collapse } from '../../syntax/text/tokens.js';
import type { TreeSymbols } from '../symbols/treeSymbols.js';
import type { FunctionTree } from './functionTree.js';

/** A function's tree with the names to read it by. */
export interface FunctionContext {
  readonly tree: FunctionTree;
  readonly symbols: TreeSymbols;
}

/** The text of a node, as the parser saw it: no comments, and no other branch of an `#if`. */
export function textOf({ tree }: Pick<FunctionContext, 'tree'>, node: CNode): string {
  return tree.text.slice(node.start, node.end);
}

/** The text of a node with white space collapsed. */
export function writtenText({ tree }: FunctionContext, node: CNode): string {
  return collapse(tree.text, node.start, node.end);
}

/** What an expression is without parentheses and casts. */
export function bareExpression(node: CNode): CNode {
  if (node.type === 'parenthesized_expression' && node.children.length === 1) {
    const [only] = node.children;
    return only ? bareExpression(only) : node;
  }
  const value = node.type === 'cast_expression' ? child(node, 'value') : castCall(node);
  return value ? bareExpression(value) : node;
}

/** An expression with the parentheses and casts around it. */
export function withCasts(node: CNode): CNode {
  const above = node.parent;
  return above && /^(?:parenthesized|cast)_expression$/.test(above.type) ? withCasts(above) : node;
}

/** What a chain of members begins with: `vmcb` of `vmcb->save`. */
export function rootOf(expression: CNode): CNode {
  const node = bareExpression(expression);
  const base = child(node, 'argument');
  return base ? rootOf(base) : node;
}

/** What `(u8)(x)` casts: without its `typedef`, the parser takes it for a call. */
function castCall(node: CNode): CNode | undefined {
  const callee = node.type === 'call_expression' ? child(node, 'function') : undefined;
  const isType = callee?.type === 'parenthesized_expression' && callee.children[0]?.type === 'identifier';
  const [only, another] = isType ? argumentsOf(node) : [];
  return another ? undefined : only;
}

/** The function that a call names, or ''. */
export function calleeName(context: FunctionContext, call: CNode): string {
  const callee = child(call, 'function');
  return callee?.type === 'identifier' ? textOf(context, callee) : '';
}

/** The arguments of a call. */
export function argumentsOf(call: CNode): readonly CNode[] {
  return child(call, 'arguments')?.children ?? [];
}

/** The value of a local variable that gets one where it is declared, and no other. */
export function onlyDefinition(context: FunctionContext, name: string): CNode | null {
  const [only, another] = context.tree.definitions.get(name) ?? [];
  return only?.isInitial && !another ? only.value : null;
}

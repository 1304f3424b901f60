import { memoizeByIdentity } from '../../cache/memoize.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import { bareExpression, textOf, writtenText, type FunctionContext } from '../source/expressions.js';
import type { FunctionTree } from '../source/functionTree.js';
import { reachingDefinitions } from '../source/reachingDefinitions.js';
import type { ParameterPart } from './maskExpression.js';
import { memberAssignments } from './memberAssignments.js';

/*
 * Variables that hold sets of components: locals, members of local structs, what is behind pointers, what a function is given.
 */

/** A variable that an expression stands for, pointers to locals followed. */
export interface MaskVariable {
  /** As written at the variable itself: `mask`, `caps.xcr0`, `kvm_caps.supported_xcr0`. */
  readonly name: string;
  /** It is the function's own. */
  readonly isLocal: boolean;
  /** What of a parameter it is; null for any other variable. */
  readonly parameter: ParameterPart | null;
}

/** The variable that an expression is; null for one that is none, or behind a pointer that is not known. */
export function maskVariable(context: FunctionContext, expression: CNode): MaskVariable | null {
  const node = bareExpression(expression);
  if (node.type === 'identifier') return variableAt(context, node, node, '');
  const base = child(node, 'argument');
  if (!base) return null;
  if (node.type === 'pointer_expression')
    return child(node, 'operator')?.type === '*' ? variableAt(context, node, bareExpression(base), '*') : null;
  const field = node.type === 'field_expression' ? child(node, 'field') : undefined;
  return field ? variableAt(context, node, bareExpression(base), textOf(context, field)) : null;
}

/** The part of a base that an expression is: the base's own, or of what a local pointer is the address of. */
function variableAt(context: FunctionContext, node: CNode, base: CNode, path: string): MaskVariable | null {
  const { variables, parameters } = context.tree;
  const name = textOf(context, base);
  if (base.type !== 'identifier' || !variables.has(name))
    return path === '*' ? null : { name: writtenText(context, node), isLocal: false, parameter: null };
  const pointee = path === '' ? null : addressTaken(context, base);
  if (pointee) return partOfPointee(context, pointee, path);
  const index = parameters.findIndex((parameter) => parameter.name === name);
  if (index >= 0) return { name: writtenText(context, node), isLocal: true, parameter: { index, path } };
  return path === '*' ? null : { name: path === '' ? name : `${name}.${path}`, isLocal: true, parameter: null };
}

function partOfPointee(context: FunctionContext, pointee: CNode, path: string): MaskVariable | null {
  const whole = maskVariable(context, pointee);
  if (!whole || path === '*') return whole;
  const { parameter } = whole;
  return parameter === null ? { ...whole, name: `${whole.name}.${path}` } : null;
}

/** What a local pointer is the address of, by its only definition; null where that is not known. */
function addressTaken(context: FunctionContext, pointer: CNode): CNode | null {
  const [only, another] = reachingDefinitions(context.tree, pointer).found;
  const value = only && !another && only.guards.length === 0 ? bareExpression(only.value) : undefined;
  return value ? addressed(value) : null;
}

/** `x` of `&x`; null for any other expression. */
function addressed(node: CNode): CNode | null {
  const isAddress = node.type === 'pointer_expression' && child(node, 'operator')?.type === '&';
  return isAddress ? (child(node, 'argument') ?? null) : null;
}

/** The variable whose address, or the local struct that, an argument is; null for any other. */
export function objectOf(context: FunctionContext, argument: CNode): MaskVariable | null {
  const node = bareExpression(argument);
  const target = addressed(node) ?? (node.type === 'identifier' ? addressTaken(context, node) : null);
  if (target) return maskVariable(context, target);
  const isStruct = node.type === 'identifier' && memberAssignments(context.tree).byStruct.has(textOf(context, node));
  const own = isStruct ? maskVariable(context, node) : null;
  return own?.parameter === null ? own : null;
}

/** What a node assigns to; null for one that assigns nothing. */
export function assigned(node: CNode): CNode | null {
  if (node.type === 'init_declarator') return child(node, 'value') ? (child(node, 'declarator') ?? null) : null;
  return node.type === 'assignment_expression' ? (child(node, 'left') ?? null) : null;
}

/** The nodes of a function that may change a variable, in the order of the text: what assigns, and calls. */
export const changingNodes = memoizeByIdentity(({ nodes }: FunctionTree): readonly CNode[] =>
  nodes.filter((node) => node.type === 'call_expression' || assigned(node) !== null),
);

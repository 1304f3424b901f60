import { excludes, hasGuard, type Guard } from '../../syntax/conditions/guard.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import {
  argumentsOf,
  bareExpression,
  calleeName,
  textOf,
  writtenText,
  type FunctionContext,
} from '../source/expressions.js';
import { guardsOf } from '../source/guards.js';
import { originsOf } from './origins.js';

/** What a set of components is made of, as far as one function says it. */
export type MaskExpression =
  /** As written: a constant expression of masks, or what cannot be computed. */
  | { readonly kind: 'constant'; readonly text: string }
  /** What the host has enabled, in XCR0 or IA32_XSS. */
  | { readonly kind: 'host'; readonly register: MaskRegister }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly MaskExpression[] }
  | { readonly kind: 'not'; readonly part: MaskExpression }
  /** One of some values, each under its conditions: `?:`, several `return`s. */
  | { readonly kind: 'choice'; readonly values: readonly MaskBranch[] }
  /** A local variable's value after what is done to it, in the order of the text. */
  | { readonly kind: 'steps'; readonly steps: readonly MaskStep[] }
  /** What the function is given. */
  | { readonly kind: 'parameter'; readonly index: number }
  | { readonly kind: 'call'; readonly callee: string; readonly arguments: readonly MaskExpression[] };

export type MaskRegister = 'XCR0' | 'XSS';

interface GuardedMask {
  readonly guards: readonly Guard[];
  readonly value: MaskExpression;
}

/** A value that a set may have. */
export interface MaskBranch extends GuardedMask {
  readonly offset: number;
  /** The expression or statement as written. */
  readonly text: string;
}

/** An assignment to a set of components. */
export interface MaskStep extends MaskBranch {
  /** `=`, `|=`, `&=`; any other makes what cannot be computed. */
  readonly operator: string;
}

/** How far an expression is followed through local variables. */
const MOST_LOCALS = 5;

/** What an expression is made of. */
export function maskExpression(context: FunctionContext, expression: CNode, depth = 0): MaskExpression {
  const node = bareExpression(expression);
  const operator = child(node, 'operator')?.type;
  const host = hostRegister(context, node);
  if (host) return { kind: 'host', register: host };
  const read = (part: CNode) => maskExpression(context, part, depth);
  switch (node.type) {
    case 'binary_expression':
      if (operator === '&' || operator === '|')
        return { kind: operator === '&' ? 'and' : 'or', parts: fieldsOf(node, ['left', 'right']).map(read) };
      break;
    case 'unary_expression': {
      const inner = child(node, 'argument');
      if (operator === '~' && inner) return { kind: 'not', part: read(inner) };
      break;
    }
    case 'conditional_expression': {
      const outer = guardsOf(context.tree.guards, node).length;
      const branches = fieldsOf(node, ['consequence', 'alternative']);
      return {
        kind: 'choice',
        values: branches.map((branch) => ({
          guards: guardsOf(context.tree.guards, branch).slice(outer),
          value: read(branch),
          offset: branch.start,
          text: writtenText(context, branch),
        })),
      };
    }
    case 'call_expression':
      // A macro is expanded where its value is computed.
      if (context.symbols.macros.has(calleeName(context, node))) break;
      return { kind: 'call', callee: calleeName(context, node), arguments: argumentsOf(node).map(read) };
    case 'identifier':
      return depth < MOST_LOCALS ? variableMask(context, node, depth) : constant(context, node);
  }
  return constant(context, node);
}

function constant(context: FunctionContext, node: CNode): MaskExpression {
  return { kind: 'constant', text: writtenText(context, node) };
}

function fieldsOf(node: CNode, fields: readonly string[]): CNode[] {
  return fields.flatMap((field) => child(node, field) ?? []);
}

/** A local variable or parameter by what is assigned to it before its use. */
function variableMask(context: FunctionContext, use: CNode, depth: number): MaskExpression {
  const { variables, parameters } = context.tree;
  const name = textOf(context, use);
  if (!variables.has(name)) return constant(context, use);
  const steps = assignmentsTo(context, name, use).map((node) => maskStep(context, node, use, depth + 1));
  const index = parameters.findIndex((parameter) => parameter.name === name);
  if (index < 0) return steps.length === 0 ? constant(context, use) : { kind: 'steps', steps };
  const given: MaskExpression = { kind: 'parameter', index };
  if (steps.length === 0) return given;
  const first: MaskStep = { operator: '=', value: given, guards: [], offset: 0, text: name };
  return { kind: 'steps', steps: [first, ...steps] };
}

/** The assignments to a local variable that come before a use of it, and not in another branch. */
function assignmentsTo(context: FunctionContext, name: string, use: CNode): CNode[] {
  const common = guardsOf(context.tree.guards, use);
  return context.tree.nodes.filter((node) => {
    if (node.type !== 'assignment_expression' && node.type !== 'init_declarator') return false;
    const left = child(node, node.type === 'init_declarator' ? 'declarator' : 'left');
    if (!left || node.end > use.start || textOf(context, left) !== name) return false;
    return !guardsOf(context.tree.guards, node).some((guard) => common.some((other) => excludes(guard, other)));
  });
}

/** An assignment as a step, under the conditions that the use of what it makes is not under. */
export function maskStep(context: FunctionContext, node: CNode, use: CNode | null, depth = 0): MaskStep {
  const value = child(node, node.type === 'init_declarator' ? 'value' : 'right');
  const common = use ? guardsOf(context.tree.guards, use) : [];
  const guards = guardsOf(context.tree.guards, node).filter((guard) => !hasGuard(common, guard));
  return {
    operator: child(node, 'operator')?.type ?? '=',
    value: value ? maskExpression(context, value, depth) : { kind: 'constant', text: '' },
    guards,
    offset: node.start,
    text: writtenText(context, node),
  };
}

/** What a function returns, as a set of components; null for one that returns nothing. */
export function returnedMask(context: FunctionContext): MaskExpression | null {
  const values = context.tree.nodes.flatMap((node): MaskBranch[] => {
    const [value] = node.type === 'return_statement' && !context.tree.isRepeated(node.start) ? node.children : [];
    if (!value) return [];
    const base = { guards: guardsOf(context.tree.guards, node), value: maskExpression(context, value) };
    return [{ ...base, offset: node.start, text: writtenText(context, node) }];
  });
  return values.length === 0 ? null : { kind: 'choice', values };
}

/** The register whose host value a node is, and nothing else; null for any other. */
function hostRegister(context: FunctionContext, node: CNode): MaskRegister | null {
  if (node.type === 'binary_expression' || node.type === 'conditional_expression') return null;
  const [only, more] = originsOf(context, node);
  if (!only || more || only.origin.kind !== 'place' || !only.origin.isHost) return null;
  if (node.type === 'identifier' && context.tree.variables.has(textOf(context, node))) return null;
  const { state } = only.origin;
  return state === 'XCR0' || state === 'XSS' ? state : null;
}

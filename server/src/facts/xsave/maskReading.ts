import { excludes, hasGuard } from '../../syntax/conditions/guard.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import { isBitMacro } from '../source/enumValues.js';
import {
  argumentsOf,
  bareExpression,
  calleeName,
  textOf,
  writtenText,
  type FunctionContext,
} from '../source/expressions.js';
import { guardsOf } from '../source/guards.js';
import { bitChange } from './bitChanges.js';
import type { MaskBranch, MaskExpression, MaskRegister, MaskStep, ParameterPart } from './maskExpression.js';
import { assigned, changingNodes, maskVariable, objectOf, type MaskVariable } from './maskVariable.js';
import { initializerOf, memberAssignments } from './memberAssignments.js';
import { originsOf } from './origins.js';

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
    case 'call_expression': {
      const callee = calleeName(context, node);
      const bit = isBitMacro(callee) ? bitOfLocal(context, node, depth) : null;
      if (bit) return bit;
      // A macro is expanded where its value is computed.
      if (context.symbols.macros.has(callee) || isBitMacro(callee)) break;
      return { kind: 'call', callee, arguments: givenMasks(context, node, depth) };
    }
    case 'identifier':
    case 'field_expression':
    case 'pointer_expression':
      if (depth < MOST_LOCALS) return variableMask(context, node, depth);
  }
  return constantMask(context, node);
}

/** The bit of a number that a variable of the function's has; null for a number that is written there. */
function bitOfLocal(context: FunctionContext, call: CNode, depth: number): MaskExpression | null {
  const [number, another] = argumentsOf(call).map(bareExpression);
  const isLocal = number?.type === 'identifier' && context.tree.variables.has(textOf(context, number));
  return isLocal && !another ? { kind: 'bit', part: maskExpression(context, number, depth) } : null;
}

/** What an expression is that cannot be followed: its text, which may be a constant. */
function constantMask(context: FunctionContext, node: CNode): MaskExpression {
  return { kind: 'constant', text: writtenText(context, node) };
}

function fieldsOf(node: CNode, fields: readonly string[]): CNode[] {
  return fields.flatMap((field) => child(node, field) ?? []);
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

/** A variable by what is done to it before its use. */
function variableMask(context: FunctionContext, use: CNode, depth: number): MaskExpression {
  const variable = maskVariable(context, use);
  if (!variable?.isLocal) return constantMask(context, use);
  return localMask(context, variable, use, depth) ?? constantMask(context, use);
}

/** A variable of the function's own as it is at a use; null where nothing is known of it. */
function localMask(context: FunctionContext, variable: MaskVariable, use: CNode, depth: number): MaskExpression | null {
  const steps = stepsBefore(context, variable, use, depth + 1);
  const given: MaskExpression | null = variable.parameter && { kind: 'parameter', ...variable.parameter };
  if (steps.length === 0) return given;
  const first: readonly MaskStep[] = given
    ? [{ operator: '=', value: given, guards: [], offset: 0, text: variable.name }]
    : [];
  return { kind: 'steps', steps: [...first, ...steps] };
}

/** What is done to a variable before a use of it, and not in another branch. */
function stepsBefore(context: FunctionContext, variable: MaskVariable, use: CNode, depth: number): MaskStep[] {
  const common = guardsOf(context.tree.guards, use);
  return changingNodes(context.tree).flatMap((node) => {
    if (node.end > use.start) return [];
    const step = stepOn(context, node, variable, { use, depth });
    if (!step) return [];
    const isElsewhere = guardsOf(context.tree.guards, node).some((guard) =>
      common.some((other) => excludes(guard, other)),
    );
    return isElsewhere ? [] : [step];
  });
}

/** Where a step is read for: the use of what it makes; null for a variable that outlives the function. */
interface StepUse {
  readonly use: CNode | null;
  readonly depth: number;
}

/** What a node does to a variable; null for nothing. */
function stepOn(context: FunctionContext, node: CNode, { name }: MaskVariable, at: StepUse): MaskStep | null {
  const bit = bitStep(context, node, at);
  if (bit) return bit.variable.name === name ? bit.step : null;
  if (node.type === 'call_expression') {
    const index = argumentsOf(node).findIndex((given) => objectOf(context, given)?.name === rootOf(name));
    return index < 0
      ? null
      : callStep(context, node, { index, path: name === rootOf(name) ? '*' : name.slice(rootOf(name).length + 1) }, at);
  }
  const target = assigned(node);
  if (!target) return null;
  if (node.type === 'init_declarator' && textOf(context, target) === rootOf(name) && name !== rootOf(name)) {
    const list = child(node, 'value');
    const value = list && initializerOf(context, list, name.slice(rootOf(name).length + 1));
    return value ? maskStep(context, node, at, value) : null;
  }
  return maskVariable(context, target)?.name === name ? maskStep(context, node, at) : null;
}

/** A call that sets or clears one bit, as a step on the variable that has it; null for any other node. */
export function bitStep(
  context: FunctionContext,
  node: CNode,
  { use }: StepUse = { use: null, depth: 0 },
): { readonly variable: MaskVariable; readonly step: MaskStep } | null {
  const change = bitChange(context, node);
  if (!change) return null;
  const { variable, operator, value } = change;
  return { variable, step: { operator, value, ...stepBase(context, node, use) } };
}

function rootOf(name: string): string {
  return /^\w*/.exec(name)?.[0] ?? '';
}

/** An assignment as a step, under the conditions that the use of what it makes is not under. */
export function maskStep(
  context: FunctionContext,
  node: CNode,
  { use, depth }: StepUse = { use: null, depth: 0 },
  written?: CNode,
): MaskStep {
  const value = written ?? child(node, node.type === 'init_declarator' ? 'value' : 'right');
  const operator = child(node, 'operator')?.type ?? '=';
  const update = operator === '=' && value ? selfUpdate(context, node, value) : null;
  const read = update?.value ?? value;
  return {
    operator: update?.operator ?? operator,
    value: read ? maskExpression(context, read, depth) : { kind: 'constant', text: '' },
    ...stepBase(context, node, use),
  };
}

/** `x = x & M` as `x &= M`, and so with `|`; null for any other assignment. */
function selfUpdate(
  context: FunctionContext,
  node: CNode,
  value: CNode,
): { readonly operator: '&=' | '|='; readonly value: CNode } | null {
  const target = node.type === 'assignment_expression' ? child(node, 'left') : undefined;
  const whole = bareExpression(value);
  const operator = whole.type === 'binary_expression' ? child(whole, 'operator')?.type : undefined;
  const [left, right] = fieldsOf(whole, ['left', 'right']);
  if (!target || !left || !right || (operator !== '&' && operator !== '|')) return null;
  const isTarget = (side: CNode) => textOf(context, bareExpression(side)) === textOf(context, target);
  const other = isTarget(left) ? right : isTarget(right) ? left : null;
  return other && { operator: `${operator}=`, value: other };
}

function callStep(context: FunctionContext, call: CNode, argument: ParameterPart, { use, depth }: StepUse): MaskStep {
  const value: MaskExpression = {
    kind: 'call',
    callee: calleeName(context, call),
    arguments: givenMasks(context, call, depth),
  };
  return { operator: '()', value, argument, ...stepBase(context, call, use) };
}

function stepBase(
  context: FunctionContext,
  node: CNode,
  use: CNode | null,
): Pick<MaskStep, 'guards' | 'offset' | 'text'> {
  const common = use ? guardsOf(context.tree.guards, use) : [];
  const guards = guardsOf(context.tree.guards, node).filter((guard) => !hasGuard(common, guard));
  return { guards, offset: node.start, text: writtenText(context, node) };
}

/** What a call is given, as sets of components and as variables that have some. */
export function givenMasks(context: FunctionContext, call: CNode, depth: number): MaskExpression[] {
  return argumentsOf(call).map((argument) => {
    const object = objectOf(context, argument);
    if (!object) return maskExpression(context, argument, depth);
    return {
      kind: 'object',
      name: object.name,
      parts: depth < MOST_OBJECTS ? partsOf(context, object, call, depth + 1) : [],
    };
  });
}

/** Variables in one another that what is handed on is followed through. */
const MOST_OBJECTS = 3;

function partsOf(
  context: FunctionContext,
  object: MaskVariable,
  call: CNode,
  depth: number,
): { readonly path: string; readonly value: MaskExpression }[] {
  if (!object.isLocal || object.parameter !== null) return [];
  const members = new Set(
    (memberAssignments(context.tree).byStruct.get(object.name) ?? []).flatMap(({ node }) => {
      const field = child(child(node, 'left') ?? node, 'field');
      return field ? [textOf(context, field)] : [];
    }),
  );
  const whole = localMask(context, object, call, depth);
  return [
    ...(whole ? [{ path: '*', value: whole }] : []),
    ...[...members].flatMap((path) => {
      const value = localMask(context, { ...object, name: `${object.name}.${path}` }, call, depth);
      return value ? [{ path, value }] : [];
    }),
  ];
}

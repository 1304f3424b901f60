import type { Guard } from '../../syntax/conditions/guard.js';
import { ancestors, child, type CNode } from '../../syntax/c/cTree.js';
import { definedGuards } from '../source/definedGuards.js';
import { bareExpression, textOf, type FunctionContext } from '../source/expressions.js';

/** Where C code sets a flag that assembly tests before it moves R16-R31. */
export interface FlagSet {
  /** By the name that is tested. */
  readonly flag: string;
  readonly offset: number;
  readonly guards: readonly Guard[];
  /** A value decides beside the guards whether the flag is set: `flags |= has_apx * FLAG`. */
  readonly isComputed: boolean;
  /** The member that it is set in, from which other code takes it: `vmx->extra_flags |= FLAG`; null where it is set itself. */
  readonly member: string | null;
}

/** Where a function adds what is in a member to flags of its own: `flags |= vmx->extra_flags`. */
export interface FlagsTaken {
  readonly member: string;
  readonly offset: number;
  readonly guards: readonly Guard[];
}

/** The places in a function where it sets such a flag. */
export function flagSets(context: FunctionContext): FlagSet[] {
  const { flags } = context.symbols.egpr;
  if (flags.size === 0) return [];
  return context.tree.nodes.flatMap((node) => {
    const flag = node.type === 'identifier' ? flags.get(textOf(context, node)) : undefined;
    if (flag === undefined || context.tree.isRepeated(node.start)) return [];
    const value = valueMadeOf(node);
    if (value === null) return [];
    const guards = definedGuards(context, node);
    return [{ flag, offset: node.start, guards, isComputed: value === 'computed', member: memberSet(context, node) }];
  });
}

/** The members whose flags a function adds to flags of its own. */
export function flagsTaken(context: FunctionContext): FlagsTaken[] {
  if (context.symbols.egpr.flags.size === 0) return [];
  return context.tree.nodes.flatMap((node) => {
    const [left, right] = [child(node, 'left'), child(node, 'right')];
    const isAdded = node.type === 'assignment_expression' && child(node, 'operator')?.type === '|=';
    const member = isAdded && left?.type === 'identifier' && right ? memberName(context, right) : null;
    if (member === null || context.tree.isRepeated(node.start)) return [];
    return [{ member, offset: node.start, guards: definedGuards(context, node) }];
  });
}

/** The member that a flag is put into; null where it is put into none. */
function memberSet(context: FunctionContext, flag: CNode): string | null {
  const assignment = [...ancestors(flag)].find(({ type }) => type === 'assignment_expression');
  const left = assignment && child(assignment, 'left');
  return left ? memberName(context, left) : null;
}

function memberName(context: FunctionContext, expression: CNode): string | null {
  const node = bareExpression(expression);
  const field = node.type === 'field_expression' ? child(node, 'field') : undefined;
  return field ? textOf(context, field) : null;
}

/** Operators that leave a flag as it is in their result. */
const KEEPS = /^[|+]$/;

/** Operators that only test. */
const TESTS = /^(?:[=!]=|[<>]=?|&&|\|\|)$/;

/** Whether what an identifier says becomes a value, as it is or with others; null for what is only tested or compared. */
function valueMadeOf(node: CNode): 'itself' | 'computed' | null {
  let made: 'itself' | 'computed' = 'itself';
  let below = node;
  for (const above of ancestors(node)) {
    if (below.field === 'condition') return null;
    const operator = above.children.find((c) => c.field === 'operator')?.type ?? '';
    switch (above.type) {
      case 'binary_expression':
        if (TESTS.test(operator)) return null;
        if (!KEEPS.test(operator)) made = 'computed';
        break;
      case 'unary_expression':
        return null;
      case 'assignment_expression':
        return below.field === 'right' && (operator === '=' || operator === '|=') ? made : null;
      case 'init_declarator':
      case 'return_statement':
      case 'argument_list':
        return made;
    }
    below = above;
  }
  return null;
}

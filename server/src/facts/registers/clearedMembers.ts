import type { Guard } from '../../syntax/conditions/guard.js';
import { child } from '../../syntax/c/cTree.js';
import { bareExpression, textOf, type FunctionContext } from '../source/expressions.js';
import { guardsOf } from '../source/guards.js';

/** A member that is set to 0 under some conditions: `vmx->segment_cache.bitmask = 0`. */
export interface ClearedMember {
  /** The member's name alone. */
  readonly member: string;
  readonly guards: readonly Guard[];
}

/** The members that a function sets to 0. */
export function clearedMembers(context: FunctionContext): ClearedMember[] {
  const { nodes, isRepeated, guards } = context.tree;
  return nodes.flatMap((node): ClearedMember[] => {
    if (node.type !== 'assignment_expression' || isRepeated(node.start)) return [];
    const [left, value] = [child(node, 'left'), child(node, 'right')];
    const target = left && bareExpression(left);
    const member = target?.type === 'field_expression' ? child(target, 'field') : undefined;
    const isZero = child(node, 'operator')?.type === '=' && value && /^(?:0|false)$/.test(textOf(context, value));
    return member && isZero ? [{ member: textOf(context, member), guards: guardsOf(guards, node) }] : [];
  });
}

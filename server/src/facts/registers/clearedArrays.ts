import { registerArray } from './cacheExpressions.js';
import { argumentsOf, bareExpression, calleeName, type FunctionContext } from '../source/expressions.js';
import { type Guard } from '../../syntax/conditions/guard.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import { guardsOf } from '../source/guards.js';

/** A `memset` of the whole register array, which writes every GPR: the call, and the array's name in it. */
export interface ClearedArray {
  readonly node: CNode;
  readonly array: CNode;
  readonly guards: readonly Guard[];
}

/** The places where a function clears the register array. */
export function clearedArrays(context: FunctionContext): ClearedArray[] {
  return context.tree.nodes.flatMap((node) => {
    if (node.type !== 'call_expression' || calleeName(context, node) !== 'memset') return [];
    const [target] = argumentsOf(node);
    const array =
      target && registerArray(context, target) === 'cache' ? child(bareExpression(target), 'field') : undefined;
    if (!array || context.tree.isRepeated(node.start)) return [];
    return [{ node, array, guards: guardsOf(context.tree.guards, node) }];
  });
}

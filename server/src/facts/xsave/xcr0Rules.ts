import type { Condition } from '../../syntax/conditions/condition.js';
import { ancestors, child, type CNode } from '../../syntax/c/cTree.js';
import { writtenText, type FunctionContext } from '../source/expressions.js';
import { MASK_PREFIX } from './architecturalComponents.js';

/** A condition under which a function refuses a value, and the components' masks that it names. */
export interface RefusedValue {
  readonly offset: number;
  readonly condition: Condition;
  readonly masks: readonly string[];
}

/** The conditions on components under which a function leaves early. */
export function refusedValues(context: FunctionContext): RefusedValue[] {
  return context.tree.nodes.flatMap((node) => {
    if (node.type !== 'return_statement' || context.tree.isRepeated(node.start)) return [];
    const condition = [...ancestors(node)].find((above) => above.type === 'if_statement');
    const test = condition ? child(condition, 'condition') : undefined;
    if (!condition || !test) return [];
    const masks = maskNames(context, test);
    return masks.length === 0
      ? []
      : [{ offset: condition.start, condition: context.tree.guards.conditionAt(test), masks }];
  });
}

function maskNames(context: FunctionContext, test: CNode): string[] {
  const words = writtenText(context, test).match(/\w+/g) ?? [];
  return [...new Set(words.filter((word) => word.startsWith(MASK_PREFIX)))];
}

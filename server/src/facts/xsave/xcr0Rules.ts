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
    const [inner, ...outer] = [...ancestors(node)].filter((above) => above.type === 'if_statement');
    const test = inner ? child(inner, 'condition') : undefined;
    if (!inner || !test) return [];
    const masks = maskNames(context, test);
    const around = outer.flatMap((above) => testAround(context, above, inner) ?? []);
    const conditions = [...around.reverse(), test].map((one) => context.tree.guards.conditionAt(one));
    return masks.length === 0 ? [] : allOf(conditions).map((condition) => ({ offset: inner.start, condition, masks }));
  });
}

/** The test of an `if` on components that another stands in the first branch of; null for any other. */
function testAround(context: FunctionContext, above: CNode, inner: CNode): CNode | null {
  const [test, branch] = [child(above, 'condition'), child(above, 'consequence')];
  const isInside = branch !== undefined && branch.start <= inner.start && inner.end <= branch.end;
  return test && isInside && maskNames(context, test).length > 0 ? test : null;
}

/** Conditions that hold together as one. */
function allOf(conditions: readonly Condition[]): readonly [Condition] | [] {
  const [only, another] = conditions;
  if (!only) return [];
  if (!another) return [only];
  const text = conditions.map((one) => (NEEDS_BRACKETS.has(one.kind) ? `(${one.text})` : one.text)).join(' && ');
  return [{ kind: 'and', text, parts: conditions }];
}

const NEEDS_BRACKETS: ReadonlySet<Condition['kind']> = new Set(['or', 'bits', 'comparison', 'other']);

function maskNames(context: FunctionContext, test: CNode): string[] {
  const words = writtenText(context, test).match(/\w+/g) ?? [];
  return [...new Set(words.filter((word) => word.startsWith(MASK_PREFIX)))];
}

import { readCondition, type Condition } from '../../syntax/conditions/condition.js';
import type { Guard } from '../../syntax/conditions/guard.js';
import type { CNode } from '../../syntax/c/cTree.js';
import { writtenText, type FunctionContext } from './expressions.js';
import { guardsOf } from './guards.js';

/**
 * The conditions that a node is under, of a local variable's test what the variable is defined as: `xcr0 & XFEATURE_MASK_APX` for
 * `swap`. A variable with several definitions, or none that is read, stays as it is.
 */
export function definedGuards(context: FunctionContext, node: CNode): readonly Guard[] {
  return guardsOf(context.tree.guards, node).map((guard) =>
    guard.kind === 'case' ? guard : { ...guard, condition: definedCondition(context, guard.condition) },
  );
}

function definedCondition(context: FunctionContext, condition: Condition): Condition {
  if (condition.kind === 'not') {
    const part = definedCondition(context, condition.part);
    return part === condition.part ? condition : { kind: 'not', text: `!(${part.text})`, part };
  }
  if (condition.kind !== 'value') return condition;
  const { definitions, parameters, variables } = context.tree;
  const [only, another] = definitions.get(condition.text) ?? [];
  const isLocal = variables.has(condition.text) && !parameters.some(({ name }) => name === condition.text);
  return isLocal && only && !another ? readCondition(writtenText(context, only.value)) : condition;
}

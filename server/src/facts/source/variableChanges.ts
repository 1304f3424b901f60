import { memoizeByIdentity } from '../../cache/memoize.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import { bareExpression } from './expressions.js';
import type { FunctionTree } from './functionTree.js';

/** A variable's value changed by what it was before: `a |= b`, `a++`. */
export interface VariableChange {
  readonly node: CNode;
  /** `|=`, `++`. */
  readonly operator: string;
  /** null for `++` and `--`. */
  readonly value: CNode | null;
}

/** The changes of a variable in a function, in the order of the text. Plain assignments are the tree's `definitions`. */
export function changesOf(tree: FunctionTree, name: string): readonly VariableChange[] {
  return changesIn(tree).get(name) ?? [];
}

const changesIn = memoizeByIdentity((tree: FunctionTree): ReadonlyMap<string, readonly VariableChange[]> => {
  const changes = new Map<string, VariableChange[]>();
  for (const node of tree.nodes) {
    const isUpdate = node.type === 'update_expression';
    if (!isUpdate && node.type !== 'assignment_expression') continue;
    const changed = child(node, isUpdate ? 'argument' : 'left');
    const variable = changed && bareExpression(changed);
    const operator = child(node, 'operator')?.type ?? '';
    if (variable?.type !== 'identifier' || operator === '=') continue;
    const name = tree.text.slice(variable.start, variable.end);
    const change = { node, operator, value: child(node, 'right') ?? null };
    const known = changes.get(name);
    if (known) known.push(change);
    else changes.set(name, [change]);
  }
  return changes;
});

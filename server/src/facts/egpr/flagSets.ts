import type { Guard } from '../../syntax/conditions/guard.js';
import { ancestors, type CNode } from '../../syntax/c/cTree.js';
import { textOf, type FunctionContext } from '../source/expressions.js';
import { guardsOf } from '../source/guards.js';

/** Where C code sets a flag that assembly tests before it moves R16-R31. */
export interface FlagSet {
  /** By the name that is tested. */
  readonly flag: string;
  readonly offset: number;
  readonly guards: readonly Guard[];
}

/** The places in a function where it sets such a flag. */
export function flagSets(context: FunctionContext): FlagSet[] {
  const { flags } = context.symbols.egpr;
  if (flags.size === 0) return [];
  return context.tree.nodes.flatMap((node) => {
    const flag = node.type === 'identifier' ? flags.get(textOf(context, node)) : undefined;
    if (flag === undefined || context.tree.isRepeated(node.start) || !isValue(node)) return [];
    return [{ flag, offset: node.start, guards: guardsOf(context.tree.guards, node) }];
  });
}

/** Whether what an identifier says becomes a value: not what is tested, masked or compared. */
function isValue(node: CNode): boolean {
  let below = node;
  for (const above of ancestors(node)) {
    if (below.field === 'condition') return false;
    const operator = above.children.find((c) => c.field === 'operator')?.type;
    if (above.type === 'binary_expression' && operator !== '|' && operator !== '+') return false;
    if (above.type === 'unary_expression') return false;
    if (above.type === 'assignment_expression')
      return below.field === 'right' && (operator === '=' || operator === '|=');
    if (above.type === 'init_declarator' || above.type === 'return_statement' || above.type === 'argument_list')
      return true;
    below = above;
  }
  return false;
}

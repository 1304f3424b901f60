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
  /** A value decides beside the guards whether the flag is set: `flags |= has_apx * FLAG`. */
  readonly isComputed: boolean;
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
    const guards = guardsOf(context.tree.guards, node);
    return [{ flag, offset: node.start, guards, isComputed: value === 'computed' }];
  });
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

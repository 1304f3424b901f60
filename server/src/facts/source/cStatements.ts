import { ancestors, type CNode } from '../../syntax/c/cTree.js';

/**
 * What tells the statement that a node is in: the offset where it begins. What one statement says, its references, moves and
 * calls, has the same. A condition, and each part of a `for`, is a statement of its own.
 */
export function statementOf(node: CNode): number {
  let below = node;
  for (const above of ancestors(node)) {
    if (isBoundary(above, below)) return below.start;
    below = above;
  }
  return below.start;
}

/** Fields by which a statement has its conditions and the parts of a loop's head. */
const HEAD_FIELDS: ReadonlySet<string | null> = new Set(['condition', 'initializer', 'update']);

/** Whether what is below a node is a statement in it, or stands for one. */
function isBoundary(above: CNode, below: CNode): boolean {
  if (above.type === 'compound_statement' || above.type === 'case_statement') return true;
  if (above.type === 'conditional_expression') return false;
  return HEAD_FIELDS.has(below.field) || below.type.endsWith('_statement') || below.type === 'declaration';
}

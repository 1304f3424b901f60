import { child, type CNode } from '../../syntax/c/cTree.js';

/** What an expression's place in its statement does to the object that it names. */
type Access = 'read' | 'write' | 'readwrite' | 'address';

/** How an lvalue is used where it stands: assigned to, updated, its address taken, or read. */
export function accessOf(node: CNode): Access {
  const above = node.parent;
  if (!above) return 'read';
  switch (above.type) {
    case 'parenthesized_expression':
      return accessOf(above);
    case 'subscript_expression':
      return node.field === 'argument' ? accessOf(above) : 'read';
    case 'pointer_expression':
      return child(above, 'operator')?.type === '&' ? 'address' : 'read';
    case 'assignment_expression':
      if (node.field !== 'left') return 'read';
      return child(above, 'operator')?.type === '=' ? 'write' : 'readwrite';
    case 'update_expression':
      return 'readwrite';
    default:
      return 'read';
  }
}

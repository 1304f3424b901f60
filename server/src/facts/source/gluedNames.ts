import { child, type CNode } from '../../syntax/c/cTree.js';
import { OPERATIONS_STRUCT } from '../symbols/opsTables.js';
import { textOf, type FunctionContext } from './expressions.js';
import { structOf } from './expressionTypes.js';

/**
 * Whether a name in a function is two, between which a `.` or a `->` is missing: `vcpuarch` where `vcpu` is a variable and points to a
 * struct with a member `arch`, and nothing is called `vcpuarch`. No compiler takes it, and a parser does.
 */
export function isGluedName(context: FunctionContext, node: CNode): boolean {
  if (node.type === 'identifier')
    return (
      (isGlued(context, node, context.tree.variables) || isGlued(context, node, OPERATIONS)) &&
      isUndeclared(context, node)
    );
  if (node.type !== 'field_identifier' || node.parent?.type !== 'field_expression') return false;
  const holder = child(node.parent, 'argument');
  const tag = holder ? structOf(context, holder) : null;
  const members = tag === null ? undefined : context.symbols.types.members.get(tag);
  return members !== undefined && !members.has(textOf(context, node)) && isGlued(context, node, members);
}

/** The object that holds the vendor's operations, or points to them, is called as its struct is. */
const OPERATIONS: ReadonlyMap<string, string> = new Map([[OPERATIONS_STRUCT, OPERATIONS_STRUCT]]);

function isUndeclared({ tree, symbols }: FunctionContext, { start, end }: CNode): boolean {
  const name = tree.text.slice(start, end);
  return !tree.variables.has(name) && !symbols.macros.has(name) && !symbols.registers.byName.has(name);
}

/** Whether a name is that of a struct, of some with the structs' tags, and of a member of it. */
function isGlued(context: FunctionContext, node: CNode, structs: ReadonlyMap<string, string>): boolean {
  const name = textOf(context, node);
  for (let length = 1; length < name.length; length++) {
    const tag = structs.get(name.slice(0, length));
    const members = tag === undefined ? undefined : context.symbols.types.members.get(tag);
    if (members?.has(name.slice(length))) return true;
  }
  return false;
}

import { memoizeByIdentity } from '../../cache/memoize.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import { textOf, type FunctionContext } from '../source/expressions.js';
import type { FunctionTree } from '../source/functionTree.js';

interface Assignment {
  readonly node: CNode;
  readonly value: CNode;
}

/** A function's assignments to members: by the member as written, and by the local struct that has it. */
interface MemberAssignments {
  readonly byMember: ReadonlyMap<string, readonly Assignment[]>;
  readonly byStruct: ReadonlyMap<string, readonly Assignment[]>;
}

/** The assignments to members in a function. */
export const memberAssignments = memoizeByIdentity((tree: FunctionTree): MemberAssignments => {
  const byMember = new Map<string, Assignment[]>();
  const byStruct = new Map<string, Assignment[]>();
  const add = (to: Map<string, Assignment[]>, name: string, assignment: Assignment) => {
    const known = to.get(name);
    if (known) known.push(assignment);
    else to.set(name, [assignment]);
  };
  for (const node of tree.nodes) {
    if (node.type !== 'assignment_expression') continue;
    const [left, value] = [child(node, 'left'), child(node, 'right')];
    const base = left?.type === 'field_expression' ? child(left, 'argument') : undefined;
    if (!left || !value || !base) continue;
    add(byMember, textOf({ tree }, left), { node, value });
    if (base.type === 'identifier') add(byStruct, textOf({ tree }, base), { node, value });
  }
  return { byMember, byStruct };
});

/** The value of a member in a list of initializers; null where the list does not name it. */
export function initializerOf(context: Pick<FunctionContext, 'tree'>, list: CNode, member: string): CNode | null {
  const own = list.children.find(
    (pair) => pair.type === 'initializer_pair' && textOf(context, pair).replace(/\s/g, '').startsWith(`.${member}=`),
  );
  return (own && child(own, 'value')) ?? null;
}

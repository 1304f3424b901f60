import { child, type CNode } from '../../syntax/c/cTree.js';
import { bareExpression, textOf, type FunctionContext } from '../source/expressions.js';
import { structOf } from '../source/expressionTypes.js';

/** What struct kvm_fpu of KVM_GET_FPU and KVM_SET_FPU has room for (uapi/asm/kvm.h): x87's registers, XMM0-XMM15 and MXCSR. */
const LEGACY_STRUCT = 'kvm_fpu';
const X87 = 0;
const SSE = 1;

/** Its members of the SSE component; the others are x87's (SDM vol. 1, 13.4.1). */
const SSE_MEMBERS: ReadonlySet<string> = new Set(['xmm', 'mxcsr']);

/**
 * The numbers of the components that a copy between two expressions moves, where the type of one has room for no more; null
 * for a copy of whatever the other has.
 */
export function movedComponents(context: FunctionContext, sides: readonly CNode[]): readonly number[] | null {
  for (const side of sides) {
    const found = componentsHeld(context, side);
    if (found) return found;
  }
  return null;
}

function componentsHeld(context: FunctionContext, expression: CNode): readonly number[] | null {
  const node = bareExpression(expression);
  if (structOf(context, node) === LEGACY_STRUCT) return [X87, SSE];
  const [base, field] = [child(node, 'argument'), child(node, 'field')];
  if (base && field && structOf(context, base) === LEGACY_STRUCT)
    return [SSE_MEMBERS.has(textOf(context, field)) ? SSE : X87];
  // `&fpu->fpr[0]`
  return base ? componentsHeld(context, base) : null;
}

import { child, type CNode } from '../../syntax/c/cTree.js';
import { argumentsOf, bareExpression, calleeName, textOf, type FunctionContext } from '../source/expressions.js';
import { guardsOf } from '../source/guards.js';
import { isComponentMsr } from './componentMsrs.js';
import { originsOf, type GuardedOrigin } from './origins.js';
import { INSTRUCTION_FUNCTIONS } from './stateInterfaces.js';
import { argumentOrigins, type StateMove } from './stateMove.js';

/** An MSR whose number only run time knows, as a place: which component's register it is, the conditions of the access say. */
export const NUMBERED_MSR = 'MSR';

const MSR_ORIGIN: GuardedOrigin['origin'] = {
  kind: 'place',
  place: { kind: 'hardware', name: NUMBERED_MSR, register: null },
  state: null,
  isHost: false,
};

/** The move that a call is which reads or writes an MSR by a number: `wrmsrq(msr_info->index, msr_info->data)`; none of any other. */
export function numberedMsrCall(context: FunctionContext, call: CNode): StateMove[] {
  const [number, value] = argumentsOf(call);
  const name = calleeName(context, call);
  if (!number || !value || !isNumber(context, number)) return [];
  if (INSTRUCTION_FUNCTIONS.wrmsr.test(name))
    return movesOf(context, call, number, argumentOrigins(context, value)).map(([msr, from]) => ({
      ...msr,
      from,
      to: MSR_ORIGIN,
    }));
  return INSTRUCTION_FUNCTIONS.rdmsr.test(name) ? readMoves(context, call, number, value) : [];
}

/** The same of an assignment of what a function returns: `msr_info->data = rdmsrq(msr_info->index)`. */
export function numberedMsrAssignment(context: FunctionContext, node: CNode): StateMove[] {
  const [left, right] = [child(node, 'left'), child(node, 'right')];
  const call = right ? bareExpression(right) : undefined;
  if (!left || call?.type !== 'call_expression') return [];
  const [number, more] = argumentsOf(call);
  if (!number || more || !INSTRUCTION_FUNCTIONS.readMsr.test(calleeName(context, call))) return [];
  return isNumber(context, number) ? readMoves(context, node, number, left) : [];
}

function readMoves(context: FunctionContext, node: CNode, number: CNode, target: CNode): StateMove[] {
  return movesOf(context, node, number, originsOf(context, target)).map(([msr, to]) => ({
    ...msr,
    from: MSR_ORIGIN,
    to,
  }));
}

/** What the moves of an access have in common, with the other side of each. */
function movesOf(
  context: FunctionContext,
  node: CNode,
  number: CNode,
  others: readonly GuardedOrigin[],
): (readonly [Omit<StateMove, 'from' | 'to'>, GuardedOrigin['origin']])[] {
  const msr = textOf(context, bareExpression(number));
  const base = { state: null, components: null, leftOut: [], msr, offset: node.start, value: '' };
  const own = guardsOf(context.tree.guards, node);
  return others.map(({ origin, guards }) => [{ ...base, guards: [...own, ...guards] }, origin] as const);
}

/** Whether an MSR's number is a value, not a constant; of constants, those that name a component's register count. */
function isNumber(context: FunctionContext, number: CNode): boolean {
  const node = bareExpression(number);
  if (node.type === 'field_expression') return true;
  const name = textOf(context, node);
  return node.type === 'identifier' && (context.tree.variables.has(name) || isComponentMsr(name));
}

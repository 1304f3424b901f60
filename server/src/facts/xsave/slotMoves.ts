import type { CNode } from '../../syntax/c/cTree.js';
import { slotsPlaceName } from '../egpr/slotsPlace.js';
import type { EgprCopyNodes } from '../egpr/egprCopies.js';
import { bareExpression, calleeName, textOf, type FunctionContext } from '../source/expressions.js';
import { APX_COMPONENT } from './architecturalComponents.js';
import { originAt, type GuardedOrigin } from './origins.js';
import { USER_SIDES } from './stateInterfaces.js';
import { argumentOrigins, type StateMove } from './stateMove.js';

/** A copy of R16-R31's slots of the register cache to other memory, or from it. */
export function slotMoves(context: FunctionContext, { copy, node, other }: EgprCopyNodes): StateMove[] {
  const { first, isRange, access, offset, guards } = copy;
  const name = slotsPlaceName(context.symbols.registers, first, isRange);
  const slots = originAt('cache', name, null);
  const userSide = USER_SIDES.get(calleeName(context, node));
  const isUsers = userSide === (access === 'read' ? 'to' : 'from');
  const memory = isUsers ? [usersMemory(context, other)] : argumentOrigins(context, other);
  return memory.map((origin) => {
    const [from, to] = access === 'read' ? [slots, origin.origin] : [origin.origin, slots];
    const base = { state: null, components: [APX_COMPONENT], leftOut: [], offset, value: '' };
    return { ...base, from, to, guards: [...guards, ...origin.guards] };
  });
}

function usersMemory(context: FunctionContext, pointer: CNode): GuardedOrigin {
  return { origin: originAt('userspace', textOf(context, bareExpression(pointer)), null), guards: [] };
}

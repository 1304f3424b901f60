import type { CNode } from '../../syntax/c/cTree.js';
import { argumentsOf, calleeName, writtenText, type FunctionContext } from '../source/expressions.js';
import { guardsOf } from '../source/guards.js';
import { MASK_PREFIX } from './architecturalComponents.js';
import { leftOutBy } from './leftOutComponents.js';
import { originsOf, type Origin } from './origins.js';
import { CORE_COPIES, CORE_SWAP } from './stateInterfaces.js';
import { argumentOrigins, movesBetween, STATE_REGISTERS, type StateMove } from './stateMove.js';

/** What a call of the FPU core's moves, by what that is known to do: of a tree that does not show the FPU core. */
export function coreMoves(context: FunctionContext, call: CNode): StateMove[] {
  const given = argumentsOf(call);
  const name = calleeName(context, call);
  const copy = CORE_COPIES.get(name);
  const [to, from, pkru] = copy ? [given[copy.to], given[copy.from], given[copy.pkru]] : [];
  if (copy && to && from) {
    const leftOut = [...leftOutBy(context, given), `${MASK_PREFIX}PKRU`];
    const all = movesBetween(context, call, { targets: argumentOrigins(context, to), value: from, state: null }).map(
      (move) => ({
        ...move,
        leftOut,
      }),
    );
    const [target, value] = copy.way === 'out' ? [to, pkru] : [pkru, from];
    const own =
      target && value
        ? movesBetween(context, call, { targets: argumentOrigins(context, target), value, state: 'PKRU' })
        : [];
    return [...all, ...own];
  }
  return name === CORE_SWAP ? swapMoves(context, call) : [];
}

/** The task's state is put aside and the guest's loaded, or the other way round; nothing where it is not told which. */
function swapMoves(context: FunctionContext, call: CNode): StateMove[] {
  const [guest, way] = argumentsOf(call);
  const written = way ? writtenText(context, way) : '';
  if (!guest || !/^(?:true|false|0|1)$/.test(written)) return [];
  const isLoad = written === 'true' || written === '1';
  const guards = guardsOf(context.tree.guards, call);
  const base = { state: null, components: null, leftOut: [], offset: call.start, guards, value: '' };
  const task: Origin = { kind: 'aside', part: '' };
  return originsOf(context, guest).flatMap(({ origin }) => {
    const [saved, loaded] = isLoad ? [task, origin] : [origin, task];
    return [
      { ...base, from: STATE_REGISTERS, to: saved },
      { ...base, from: loaded, to: STATE_REGISTERS },
    ];
  });
}

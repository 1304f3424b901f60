import type { CNode } from '../../syntax/c/cTree.js';
import type { Guard } from '../../syntax/conditions/guard.js';
import { writtenText, type FunctionContext } from '../source/expressions.js';
import { guardsOf } from '../source/guards.js';
import { originsOf, userBuffer, type GuardedOrigin, type Origin } from './origins.js';
import { FPU_TYPES, XFD_MEMBERS, type ControlState } from './stateInterfaces.js';

/** A value's way in one function: a register, a component or all of them, from one origin to another. */
export interface StateMove {
  /** null: whatever its places hold; where those are FPU state, all components. */
  readonly state: ControlState | null;
  /** The numbers of the components that are moved, of a move of some only; null for any other. */
  readonly components: readonly number[] | null;
  /** Masks of the components that a move of all leaves out, in C's words. */
  readonly leftOut: readonly string[];
  /** Of a move to or from an MSR whose number only run time knows: the number, in C's words. */
  readonly msr?: string;
  /** null: a constant, or what is not known. */
  readonly from: Origin | null;
  readonly to: Origin;
  readonly offset: number;
  readonly guards: readonly Guard[];
  /** The value as written, where it comes from no place. */
  readonly value: string;
}

/** The registers that XSAVE and FXSAVE save, all together. */
export const STATE_REGISTERS: Origin = {
  kind: 'place',
  place: { kind: 'hardware', name: 'XSAVE registers', register: null },
  state: null,
  isHost: false,
};

/** What an argument of a call may be; a local variable of a function that copies to or from userspace may be userspace's. */
export function argumentOrigins(context: FunctionContext, argument: CNode): GuardedOrigin[] {
  const known = originsOf(context, argument);
  const user = known.length === 0 ? userBuffer(context, argument) : null;
  return user ? [{ origin: user, guards: [] }] : known;
}

/** A value as it is given to targets. */
interface Assigned {
  readonly targets: readonly GuardedOrigin[];
  readonly value: CNode;
  /** The state that it is known to be; null where its places say it. */
  readonly state: ControlState | null;
}

/** The moves from a value's origins to targets, where either is of XSAVE's. */
export function movesBetween(context: FunctionContext, node: CNode, { targets, value, state }: Assigned): StateMove[] {
  const own = guardsOf(context.tree.guards, node);
  const sources = argumentOrigins(context, value);
  const base = { components: null, leftOut: [], offset: node.start, value: writtenText(context, value) };
  return targets.flatMap((to): StateMove[] => {
    if (sources.length === 0) {
      const known = state ?? stateOf(to.origin);
      return known ? [{ ...base, state: known, from: null, to: to.origin, guards: [...own, ...to.guards] }] : [];
    }
    return sources.flatMap((from) => {
      const known = state ?? stateOf(to.origin) ?? stateOf(from.origin);
      const isCopy = node.type === 'call_expression' || isHelpers(context, from.origin, to.origin);
      if (known === null && !isCopy && !isFpuMove(context, from.origin, to.origin)) return [];
      return [
        { ...base, state: known, from: from.origin, to: to.origin, guards: [...own, ...to.guards, ...from.guards] },
      ];
    });
  });
}

function stateOf(origin: Origin): ControlState | null {
  if (origin.kind === 'place') return origin.state;
  return XFD_MEMBERS.get(origin.part) ?? null;
}

/** Whether a helper that may copy R16-R31's slots assigns what one of its parameters points to, to what another does. */
function isHelpers({ tree, symbols }: FunctionContext, from: Origin, to: Origin): boolean {
  const isBetween = from.kind === 'parameter' && to.kind === 'parameter' && from.index !== to.index;
  return isBetween && symbols.egpr.helpers.has(tree.source.name);
}

/** Whether one side of an assignment is FPU state in memory. */
function isFpuMove({ tree }: FunctionContext, from: Origin, to: Origin): boolean {
  return [from, to].some((origin) => {
    if (origin.kind === 'place') return origin.place.kind === 'fpstate';
    if (origin.kind !== 'parameter') return true;
    return FPU_TYPES.has(tree.variables.get(tree.parameters[origin.index]?.name ?? '') ?? '');
  });
}

import { excludes, sameGuard, type ConditionGuard } from '../conditions/guard.js';
import { copyOf, joinStates, type RegisterState } from './registerState.js';

/** Keeps the branches of an `#if` apart. */
interface ConditionTracker {
  /** The state before an instruction under `conditions`, given the one behind the instruction above it. */
  readonly enter: (conditions: readonly ConditionGuard[], above: RegisterState) => RegisterState;
}

interface OpenBranch {
  readonly condition: ConditionGuard;
  /** The state at the whole `#if`'s beginning. */
  readonly before: RegisterState;
  /** What the branches so far end with. */
  readonly ends: RegisterState | null;
}

/**
 * `#else` begins with the state that `#if` began with, and behind `#endif` holds what both ends agree on. An `#if` without
 * `#else` is taken to be built in.
 */
export function conditionSiblings(): ConditionTracker {
  let open: OpenBranch[] = [];
  return {
    enter(conditions, above) {
      let state = above;
      const isLeft = (branch: OpenBranch, depth: number) => {
        const condition = conditions[depth];
        return condition === undefined || !sameGuard(branch.condition, condition);
      };
      const left = open.findIndex(isLeft);
      if (left >= 0) {
        const closed = open.slice(left);
        open = open.slice(0, left);
        const [outermost] = closed;
        for (const branch of closed.reverse()) state = branch.ends ? joinStates(branch.ends, state) : state;
        const next = conditions[left];
        if (outermost && next !== undefined && excludes(outermost.condition, next)) {
          open.push({ condition: next, before: outermost.before, ends: state });
          state = copyOf(outermost.before);
        }
      }
      for (const condition of conditions.slice(open.length))
        open.push({ condition, before: copyOf(state), ends: null });
      return state;
    },
  };
}

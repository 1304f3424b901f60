import type { CodePlace } from '../assembler/instruction.js';
import { conditionKey } from '../conditions/condition.js';
import type { ConditionGuard } from '../conditions/guard.js';

/** A kernel, by what it is built with. */
export interface Configuration {
  /** The same for configurations that decide the same. */
  readonly key: string;
  readonly isBuilt: (place: CodePlace) => boolean;
}

/** All code, whatever it is under. */
export const ALL_BUILT: Configuration = { key: '', isBuilt: () => true };

/** Tests that are decided both ways in all combinations; of more, one is decided the other way at a time. */
const MOST_COMBINED = 3;

/**
 * The kernels that must be looked at so that all of some code is: one for each way to decide the `#if`s and `.if`s that have
 * code on both sides. What has code on one side only is built in.
 */
export function configurations(code: readonly CodePlace[]): Configuration[] {
  const sides = new Map<string, Set<boolean>>();
  for (const { conditions } of code) {
    for (const guard of conditions) {
      const { key, holds } = sideOf(guard);
      sides.set(key, (sides.get(key) ?? new Set()).add(holds));
    }
  }
  const open = [...sides].filter(([, both]) => both.size > 1).map(([key]) => key);
  return decisions(open).map((decided) => ({
    key: Array.from(decided, ([key, holds]) => `${key}=${String(holds)}`).join('\n'),
    isBuilt: ({ conditions }) =>
      conditions.every((guard) => {
        const { key, holds } = sideOf(guard);
        return (decided.get(key) ?? holds) === holds;
      }),
  }));
}

const sides = new WeakMap<ConditionGuard, { readonly key: string; readonly holds: boolean }>();

/** What a guard tests, without negations, and whether it must hold. */
function sideOf(guard: ConditionGuard): { readonly key: string; readonly holds: boolean } {
  const known = sides.get(guard);
  if (known) return known;
  let { condition } = guard;
  let holds = !guard.negated;
  for (; condition.kind === 'not'; condition = condition.part) holds = !holds;
  const side = { key: conditionKey(condition), holds };
  sides.set(guard, side);
  return side;
}

function decisions(keys: readonly string[]): ReadonlyMap<string, boolean>[] {
  if (keys.length > MOST_COMBINED) {
    const all = new Map(keys.map((key) => [key, true]));
    return [all, ...keys.map((key) => new Map(all).set(key, false)), new Map(keys.map((key) => [key, false]))];
  }
  return keys.reduce<ReadonlyMap<string, boolean>[]>(
    (found, key) => found.flatMap((decided) => [true, false].map((holds) => new Map(decided).set(key, holds))),
    [new Map()],
  );
}

import type { CNode } from '../../syntax/c/cTree.js';

/** How a value has been followed back through local variables so far. */
export interface ValueTrail {
  /** Variables on the way here. */
  readonly depth: number;
  /** How often each definition was come to on any way, by its value. */
  readonly visits: Map<CNode, number>;
}

/** A definition is looked at so often at the most: two variables that are made of each other in many branches have endless ways. */
const MOST_VISITS = 16;

/** The trail at the expression that is asked about. */
export function trailStart(): ValueTrail {
  return { depth: 0, visits: new Map() };
}

/** The trail at a definition's value; null where that has been looked at often enough. */
export function trailTo(value: CNode, { depth, visits }: ValueTrail): ValueTrail | null {
  const count = visits.get(value) ?? 0;
  if (count >= MOST_VISITS) return null;
  visits.set(value, count + 1);
  return { depth: depth + 1, visits };
}

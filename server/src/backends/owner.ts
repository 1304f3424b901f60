import type { Condition } from '../syntax/conditions/condition.js';
import type { Place } from './place.js';
import type { Transfer } from './transfer.js';

/** How a register's value is kept for a backend (the contract's `sync`). */
export type Sync =
  'switched' | 'eager' | 'lazy' | 'direct' | 'intercepted' | 'partial' | 'protected' | 'xsave' | 'none';

/** Where a register is while the guest runs, for one backend, and how it comes and goes. */
export interface Owner {
  readonly backend: string;
  /** The condition under which this holds, where it is not the only case; the usual case comes first. */
  readonly when: Condition | null;
  readonly sync: Sync;
  readonly place: Place;
  /** Fills the register cache. */
  readonly load: readonly Transfer[];
  /** Empties the register cache. */
  readonly store: readonly Transfer[];
}

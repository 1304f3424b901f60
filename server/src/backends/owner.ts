import type { Condition } from '../syntax/conditions/condition.js';
import type { Place } from './place.js';
import type { Transfer } from './transfer.js';

/** How a register's value is kept for a backend (the contract's `sync`). */
export type Sync =
  'switched' | 'eager' | 'lazy' | 'direct' | 'intercepted' | 'partial' | 'protected' | 'xsave' | 'none' | 'unknown';

/** Why something is not known: something that was not understood, and where it is. */
export interface Reason {
  readonly file: string;
  /** 1-based; null for a file as a whole. */
  readonly line: number | null;
  /** `FILL_RSB`, `the call of __svm_vcpu_run`. */
  readonly what: string;
  /** What is said of it, behind where it is: `is not understood`. */
  readonly why: string;
}

/** Why it is not known whether anything fills the register cache, and whether anything empties it. The reason that matters most is the first. */
export interface Unknowns {
  readonly load: readonly Reason[];
  readonly store: readonly Reason[];
}

/** Whether a transfer is one of those by which a vCPU runs: around VM-entry, on demand, or when KVM sets a value; not an ioctl's, or nested code's. */
export function isWhileRunning({ phase }: Transfer): boolean {
  return phase === 'vm-exit' || phase === 'on-demand' || phase === 'vm-entry' || phase === 'set';
}

/** Whether something is not known, of either direction. */
export function isOpen({ load, store }: Unknowns): boolean {
  return load.length + store.length > 0;
}

/** All is understood. */
export const NOTHING_UNKNOWN: Unknowns = { load: [], store: [] };

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
  /** Reasons for what is neither found nor absent. Where it has none, an empty list of transfers is proved to be all. */
  readonly unknown: Unknowns;
}

import { inject } from 'vitest';

/** What programs and servers of the tests keep: see {@link keeping}. */
export type Keeping = Readonly<Record<'KVM_REGS_CACHE_LIMIT', string> & Partial<Record<'XDG_CACHE_HOME', string>>>;

/** The environment of a program that keeps nothing, so that its answer is a fresh one. */
export const KEEPING_NOTHING: Keeping = { KVM_REGS_CACHE_LIMIT: '0' };

/** The environment of programs that read the same tree again and again: what one has read, the next one finds. */
export function keeping(): Keeping {
  return { KVM_REGS_CACHE_LIMIT: '1000', XDG_CACHE_HOME: inject('storeOfRun') };
}

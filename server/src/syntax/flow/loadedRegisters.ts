import { EGPRS, type Gpr } from '../x86/registers.js';
import type { EntryState } from './flowAnalysis.js';
import { slotKey } from './slotTransfer.js';

type Registers = Pick<EntryState, 'registers'>;

/** The registers that have the value of a load in some state, by the key of what was loaded: of loads of whole words, or of halves. */
export function loadedBy(states: readonly Registers[], part: 'whole' | 'half' = 'whole'): Map<string, Set<Gpr>> {
  const found = new Map<string, Set<Gpr>>();
  for (const { registers } of states) {
    for (const [gpr, values] of registers) {
      for (const origin of values) {
        if (origin.kind !== 'loaded' || (origin.half ? 'half' : 'whole') !== part) continue;
        const key = slotKey(origin, origin.node);
        found.set(key, (found.get(key) ?? new Set()).add(gpr));
      }
    }
  }
  return found;
}

/** The same of the states that a helper without VM-entry ends with: of R16-R31, which the C code that it returns to leaves alone. */
export function loadedByHelper(ends: readonly Registers[]): Map<string, Set<Gpr>> {
  return loadedBy(
    ends.map(({ registers }) => ({ registers: new Map([...registers].filter(([gpr]) => EGPRS.has(gpr))) })),
  );
}

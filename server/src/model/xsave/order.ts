import type { Phase } from '../../backends/phase.js';

/** Phases in the order in which transfers are listed: what happens most often first. */
const PHASES: readonly Phase[] = ['vm-entry', 'vm-exit', 'set', 'ioctl', 'on-demand', 'launch', 'reset'];

/** What has its place among transfers. */
interface Ordered {
  readonly phase: Phase;
  readonly order: readonly number[];
}

/** Compares transfers by phase, then by the order in which they happen. */
export function inOrder(a: Ordered, b: Ordered): number {
  const byPhase = rank(a) - rank(b);
  if (byPhase !== 0) return byPhase;
  for (let i = 0; i < Math.max(a.order.length, b.order.length); i++) {
    const difference = (a.order[i] ?? -1) - (b.order[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

function rank({ phase }: Ordered): number {
  return PHASES.includes(phase) ? PHASES.indexOf(phase) : PHASES.length;
}

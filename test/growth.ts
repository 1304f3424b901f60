/**
 * How many times longer a piece of work takes for an input eight times as long: about 8 where it is linear, 64 where it is
 * quadratic. The best of several runs, so that what else the machine does is no matter.
 */
export function growth(work: (length: number) => void, length: number): number {
  return bestTime(work, 8 * length) / bestTime(work, length);
}

const RUNS = 5;

/** Milliseconds. */
function bestTime(work: (length: number) => void, length: number): number {
  const times = Array.from({ length: RUNS }, () => {
    const before = performance.now();
    work(length);
    return performance.now() - before;
  });
  return Math.min(...times);
}

import process from 'node:process';
import { setFlagsFromString } from 'node:v8';

/**
 * By V8's version, the flag that has it optimize a function eight times later than it is used to. Only versions with which a
 * reading was measured to take less time so (docs/performance.md); V8 complains on stderr of a flag that it does not know.
 */
export const LATE_OPTIMIZATION: Readonly<Record<string, string>> = {
  // Node.js 20
  '11.3': '--interrupt-budget=540672',
  // Node.js 22
  '12.4': '--invocation-count-for-turbofan=24000',
};

/**
 * Has V8 optimize later, for a process that ends with one answer: most of what is optimized is not run often enough to be
 * worth it. Changes nothing but the time.
 */
export function optimizeLate(): void {
  const flag = LATE_OPTIMIZATION[v8Version()];
  if (flag !== undefined) setFlagsFromString(flag);
}

/** Major and minor: `11.3`. */
export function v8Version(): string {
  return process.versions.v8.split('.', 2).join('.');
}

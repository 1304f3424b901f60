import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 optimize only what runs long, and inline less: for a program that reads a tree once and ends. By default 350
 * functions are optimized during the second that a kernel is read in, which costs more of the processor's time than the
 * reading itself and saves next to none.
 */
export function expectOnePass(): void {
  setFlagsFromString('--interrupt-budget=600000');
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=160');
}

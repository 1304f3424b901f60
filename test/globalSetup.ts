import { kernels } from './kernels.js';

/** Unpacks the kernels before the test files start, so that they don't each do it. */
export default function setup(): void {
  kernels();
}

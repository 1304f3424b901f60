import type { Batch } from './fuzzer.js';

/** A seed with which a fuzzer once found something in the samples, and how many inputs it took. */
interface KeptSeed extends Batch {
  readonly fuzzer: string;
}

/** What was found and mended. A seed's inputs change with the samples, so that each also has a test of its own. */
const KEPT: readonly KeptSeed[] = [];

/** The seeds of a fuzzer that once failed, which run before any other. */
export function keptSeeds(fuzzer: string): readonly Batch[] {
  return KEPT.filter((seed) => seed.fuzzer === fuzzer);
}

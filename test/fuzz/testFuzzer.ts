import { expect, it } from 'vitest';
import type { TreeText } from '../../server/src/model/readTree.js';
import type { CParser } from '../../server/src/syntax/c/cTree.js';
import { parser } from '../engine.js';
import type { Fuzzer } from './fuzzer.js';
import { keptSeeds } from './keptSeeds.js';
import { sampleTrees } from './sampleTrees.js';

/** A seed like any other; always the same, so that what fails once fails again. */
const SEED = 1;

/** The test that a fuzzer finds nothing in the samples: with its kept seeds, then with so many inputs of a fixed one. */
export function testFuzzer(
  title: string,
  make: (c: CParser, trees: readonly TreeText[]) => Fuzzer,
  inputs: number,
): void {
  it(title, async () => {
    const fuzzer = make(await parser(), sampleTrees());
    const batches = [...keptSeeds(fuzzer.name), { seed: SEED, inputs }];
    for (const batch of batches) expect(fuzzer.run(batch)).toEqual({ inputs: batch.inputs, failure: null });
  });
}

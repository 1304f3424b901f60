import { describe, expect, it } from 'vitest';
import { disagreements, expandedByGcc, hasCpp } from './cpp.js';
import { macroFuzzer } from './macroFuzzer.js';
import { macroUsesOf } from './macroUses.js';
import { sampleTrees } from './sampleTrees.js';
import { testFuzzer } from './testFuzzer.js';

describe.skipIf(!hasCpp())('macros as `gcc -E` expands them', () => {
  testFuzzer('any macros', macroFuzzer, 100);

  it('each use in the samples', () => {
    const all = sampleTrees().map(macroUsesOf);
    expect(all.flatMap(({ uses }) => uses).length).toBeGreaterThan(100);
    for (const { defines, uses } of all) {
      expect(expandedByGcc(defines, uses)).not.toContain(null);
      expect(disagreements(defines, uses)).toEqual([]);
    }
  });
});

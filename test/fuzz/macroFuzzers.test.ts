import { describe, expect, it } from 'vitest';
import { disagreements, expandedByGcc, hasCpp } from './cpp.js';
import { macroFuzzer } from './macroFuzzer.js';
import { macroUsesOf } from './macroUses.js';
import { sampleTrees } from './sampleTrees.js';
import { testFuzzer } from './testFuzzer.js';

describe.skipIf(!hasCpp())('macros as `gcc -E` expands them', () => {
  testFuzzer('any macros', macroFuzzer, 100);

  it('each use in the samples', () => {
    for (const { defines, uses } of sampleTrees().map(macroUsesOf)) {
      expect(expandedByGcc(defines, uses).filter((tokens) => tokens !== null).length).toBe(uses.length);
      expect(uses.length).toBeGreaterThan(5);
      expect(disagreements(defines, uses)).toEqual([]);
    }
  });
});

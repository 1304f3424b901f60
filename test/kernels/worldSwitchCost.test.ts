import { expect, it } from 'vitest';
import { worldSwitchTimes } from '../../bench/worldSwitchTimes.js';
import { treeAt } from '../engine.js';
import { describeKernels } from '../kernels.js';

/** Milliseconds of CPU time: 20 on a machine that does nothing else, and what others' work on its caches and cores may add. */
const MOST = 100;

describeKernels('the world switches of both vendors', ({ root }) => {
  it('are followed within milliseconds', () => {
    expect(worldSwitchTimes(treeAt(root).files).follow).toBeLessThan(MOST);
  });
});

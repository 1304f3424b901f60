import { expect, it } from 'vitest';
import { isOldestOrNewest } from '../../kernels.js';
import { GROUPS } from './groups.js';
import { describeRenamedKernels } from './renamedKernel.js';

describeRenamedKernels(({ renamed, changed }) => {
  for (const [title, names] of Object.entries(GROUPS)) {
    it(`of ${title}`, () => {
      const own = renamed(names);
      expect(own.size).toBeGreaterThan(0);
      expect(changed(own)).toEqual({ lost: [], gained: [] });
    });
  }
}, isOldestOrNewest);

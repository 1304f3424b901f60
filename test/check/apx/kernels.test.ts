import { expect, it } from 'vitest';
import { modelOfTree } from '../../engine.js';
import { describeKernels } from '../../kernels.js';
import { apxFindings } from './findings.js';

describeKernels(
  'what holds fewer than 32 GPRs',
  (kernel) => {
    it('is what was read line by line in the source', async () => {
      const found = apxFindings(await modelOfTree(kernel.root));
      await expect(`${found.join('\n')}\n`).toMatchFileSnapshot(`found/${kernel.version}.txt`);
    });
  },
  // 7.2 has a list that was made by hand: hand.test.ts.
  ({ version }) => version !== '7.2',
);

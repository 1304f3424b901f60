import { expect, it } from 'vitest';
import { modelOfTree } from '../../engine.js';
import { describeKernels } from '../../kernels.js';
import { apxFindings } from './findings.js';
import { handList } from './hand.js';

describeKernels(
  'what was listed by hand',
  (kernel) => {
    it('is what the rules find, all of it and nothing else', async () => {
      const found = apxFindings(await modelOfTree(kernel.root));
      const sites = handList(kernel.version).filter((line) => line.rule !== null);
      expect(found.toSorted()).toEqual(sites.map(({ place, rule }) => `${place} ${rule ?? ''}`).toSorted());
    });
  },
  (kernel) => kernel.version === '7.2',
);

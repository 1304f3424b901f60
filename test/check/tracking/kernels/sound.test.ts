import { describe, expect, it } from 'vitest';
import { treeReading } from '../../../../server/src/model/readTree.js';
import { parser } from '../../../engine.js';
import { sampleNames } from '../../../samples.js';
import { found, sampleTree } from '../checked.js';
import { describeMutatedKernels } from './mutatedKernel.js';

describe('the sample trees', () => {
  /** Half of a series, whose loads have no stores. */
  const HALF = 'apx-half-applied';

  it.each(sampleNames().filter((name) => name !== HALF))('%s has no finding of the tracking family', async (name) => {
    expect(found(treeReading(await parser())(sampleTree(name)))).toEqual([]);
  });

  it(`${HALF} loads sixteen registers that it never stores, and has no other finding`, async () => {
    const findings = found(treeReading(await parser())(sampleTree(HALF)));
    expect(findings.map(({ rule, message }) => [rule, message])).toEqual([
      ['one-way', 'R16-R31 are loaded before VM-entry but not stored after VM-exit in __vmx_vcpu_run'],
    ]);
  });
});

describeMutatedKernels(({ tree, findings }) => {
  it('find nothing', () => {
    expect(findings(tree)).toEqual([]);
  });

  it('find nothing in arch/x86/kvm alone', () => {
    const files = tree.files.filter(({ path }) => path.startsWith('arch/x86/kvm/'));
    expect(findings({ ...tree, files })).toEqual([]);
  });
});

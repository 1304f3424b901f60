import { expect, it } from 'vitest';
import { modelOfTree } from '../../engine.js';
import { samplePath } from '../../samples.js';
import { apxFindings } from './findings.js';

it.each(['apx-fpstate', 'apx-world-switch', 'apx-xfeatures'])(
  'finds nothing in samples/%s, a whole design',
  async (name) => {
    expect(apxFindings(await modelOfTree(samplePath(name)))).toEqual([]);
  },
);

it('finds in a half-applied series what it has yet to do', async () => {
  expect(apxFindings(await modelOfTree(samplePath('apx-half-applied')))).toEqual([
    'arch/x86/include/uapi/asm/kvm.h:6 apx/uabi',
  ]);
});

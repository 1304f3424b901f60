import { expect, it } from 'vitest';
import { APX_RULES } from '../../../server/src/check/apx/apxRules.js';
import { checkTree } from '../../../server/src/check/checkTree.js';
import { treeReading } from '../../../server/src/model/readTree.js';
import { modelOfTree, parser, treeAt } from '../../engine.js';
import { changedTree } from '../../kernels/treeChanges.js';
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
    'arch/x86/kvm/vmx/vmenter.S:22 apx/guest-xcr0',
  ]);
});

it('finds in a design whose run flag the host alone decides that guests without APX come to the moves', async () => {
  const tree = treeAt(samplePath('apx-world-switch'));
  const path = 'arch/x86/kvm/vmx/vmx.c';
  const text = tree.files.find((file) => file.path === path)?.text ?? '';
  const condition = 'vmx->vcpu.arch.xcr0 & XFEATURE_MASK_APX';
  const start = text.indexOf(condition);
  const change = { path, start, end: start + condition.length, put: 'static_cpu_has(X86_FEATURE_APX)' };
  const model = treeReading(await parser())(changedTree(tree, [change]));
  const messages = checkTree(model, APX_RULES).map(({ message }) => message);
  const tested = 'only CONFIG_KVM_APX && KVM_ENTER_EGPR_SWITCH && static_cpu_has(X86_FEATURE_APX) is tested';
  expect(messages).toEqual([
    `R16-R31 are loaded before VM-entry with the guest's XCR0, and ${tested}: #UD for a guest without APX`,
    `R16-R31 are stored after VM-exit with the guest's XCR0, and ${tested}: #UD for a guest without APX`,
  ]);
});

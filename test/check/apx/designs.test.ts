import { expect, it } from 'vitest';
import { APX_RULES } from '../../../server/src/check/apx/apxRules.js';
import { checkTree } from '../../../server/src/check/checkTree.js';
import { treeReading } from '../../../server/src/model/readTree.js';
import { modelOfTree, parser, treeAt } from '../../engine.js';
import { documentsOf } from '../../model/jsonDocuments.js';
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

it('finds in a design that tests the guest on one side only that guests without APX come to the other', async () => {
  const tree = treeAt(samplePath('apx-world-switch'));
  const path = 'arch/x86/kvm/vmx/vmenter.S';
  const text = tree.files.find((file) => file.path === path)?.text ?? '';
  const test = '\ttestl $KVM_ENTER_EGPR_SWITCH, (%rsp)\n\tjz .Lno_egprs_out\n';
  const start = text.indexOf(test);
  const model = treeReading(await parser())(changedTree(tree, [{ path, start, end: start + test.length, put: '' }]));
  expect(checkTree(model, APX_RULES).map(({ message }) => message)).toEqual([
    "R16-R31 are stored after VM-exit with the guest's XCR0, and only CONFIG_KVM_APX is tested: #UD for a guest without APX",
  ]);
  const { registers } = documentsOf(model);
  const r20 = registers.find(({ register }) => register === 'R20');
  const vmx = r20?.owners.find(({ backend }) => backend === 'vmx');
  expect(vmx?.summary).toContain(
    'loaded from the cache before VM-entry by __vmx_vcpu_run if CONFIG_KVM_APX && KVM_ENTER_EGPR_SWITCH && vmx->vcpu.arch.xcr0 & XFEATURE_MASK_APX, ' +
      'stored to it after VM-exit by __vmx_vcpu_run if CONFIG_KVM_APX.',
  );
  expect(vmx?.summary).toContain("Missing: no test before __vmx_vcpu_run stores it that the guest's XCR0 has APX.");
});

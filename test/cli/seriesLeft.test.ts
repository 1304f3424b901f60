import { expect, it } from 'vitest';
import { APX_RULES } from '../../server/src/check/apx/apxRules.js';
import { checkTree } from '../../server/src/check/checkTree.js';
import { seriesLeft } from '../../server/src/cli/seriesLeft.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { readTree } from '../../server/src/model/readTree.js';
import { modelOfTree, parser, treeAt } from '../engine.js';
import { changedTree, changeOf } from '../kernels/treeChanges.js';
import { samplePath } from '../samples.js';

const left = (model: RegisterModel) => seriesLeft(model, checkTree(model, APX_RULES), APX_RULES);

it('lists what a series that was applied in part lacks, for the backends that lack it', async () => {
  expect(left(await modelOfTree(samplePath('apx-half-applied')))).toEqual([
    'R16-R31 on VMX: loaded but never stored',
    "R16-R31 on VMX: no test in or before __vmx_vcpu_run that the guest's XCR0 has APX",
    'R16-R31 on VMX and SVM: no userspace path',
    "R16-R31 on VMX and SVM: guests can't enable APX: not in KVM_SUPPORTED_XCR0",
    'R16-R31 on SVM: no path on SVM',
    'R16-R31 for userspace, in the APX component of KVM_GET_XSAVE and KVM_SET_XSAVE: 1 place in uapi/asm/kvm.h [apx/uabi]',
  ]);
});

it('lists all of it where no series was begun, with the files of each rule', async () => {
  const lines = left(await modelOfTree(samplePath('load-store-regs')));
  expect(lines.slice(0, 4)).toEqual([
    'R16-R31 on VMX and SVM: KVM keeps them nowhere',
    "R16-R31 on VMX and SVM: guests can't enable APX: not in KVM_SUPPORTED_XCR0",
    'a fifth bit for register numbers: 1 place in vmx/vmx.c [apx/narrow-index]',
    'REX2, which has bit 4 of register numbers: 1 place in emulate.c [apx/decoder]',
  ]);
  expect(lines).toContain(
    '32 slots, or a word on what becomes of R16-R31: 3 places in asm/kvm_host.h, kvm_emulate.h and smm.h [apx/fixed-array]',
  );
});

it('names a backend whose guests do without, and where that is', async () => {
  expect(left(await modelOfTree(samplePath('apx-world-switch')))).toEqual([
    'R16-R31 on SVM: not switched, APX is taken out of what guests may enable [svm/svm.c:25]',
  ]);
});

it('has nothing to say of a whole design', async () => {
  expect(left(await modelOfTree(samplePath('apx-fpstate')))).toEqual([]);
  expect(left(await modelOfTree(samplePath('apx-xfeatures')))).toEqual([]);
});

it('says what is not known, and does not say that it is missing', async () => {
  const tree = treeAt(samplePath('apx-half-applied'));
  const change = changeOf(tree, /^SYM_FUNC_START\(__vmx_vcpu_run\)/, /\tpop %rbx/, '\tMOVE_EGPRS; $&');
  const lines = left(readTree(await parser(), changedTree(tree, [change])));
  expect(lines).toContainEqual(
    expect.stringMatching(/^R16-R31 on VMX: not known: MOVE_EGPRS at vmx\/vmenter\.S:\d+ is not/),
  );
  expect(lines.join('\n')).not.toContain('never stored');
});

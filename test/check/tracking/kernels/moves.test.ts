import { expect, it } from 'vitest';
import { changedTree, changeOf } from '../../../kernels/treeChanges.js';
import * as mutants from './mutants.js';
import { describeMutatedKernels } from './mutatedKernel.js';

describeMutatedKernels(({ tree, missed, findings }) => {
  it('find each move that the world switch does on one side only', () => {
    expect(missed((model) => mutants.unswitched(model, 'load'), 2, 29)).toEqual([]);
    expect(missed((model) => mutants.unswitched(model, 'store'), 2, 29)).toEqual([]);
  });

  it('find each copy that C does on one side of VM-entry only', () => {
    expect(missed((model) => mutants.uncopied(model, 'load'), 1, 3)).toEqual([]);
    expect(missed((model) => mutants.uncopied(model, 'store'), 1, 5)).toEqual([]);
  });

  it('find each copy from or to the place of another register', () => {
    expect(missed(mutants.swapped, 2, 40, { '5.10': 34 })).toEqual([]);
    expect(missed(mutants.swappedSlots, 1, 0)).toEqual([]);
    expect(missed(mutants.misnamed, 1, 10)).toEqual([]);
  });

  it('find a copy of all registers but one', () => {
    for (const nth of [4, 15]) expect(missed((model) => mutants.leftOut(model, nth), 1, 3, { '5.10': 2 })).toEqual([]);
  });

  it('find a new register that nothing moves', () => {
    const change = changeOf(tree, /^enum kvm_reg \{/, /VCPU_REGS_R15\b[^,]*,/, '$& VCPU_REGS_R16 = 16,');
    expect(findings(changedTree(tree, [change])).map(({ rule, text }) => [rule, text])).toEqual([
      ['never-moved', 'VCPU_REGS_R16'],
    ]);
  });
});

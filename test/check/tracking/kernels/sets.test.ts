import { expect, it } from 'vitest';
import * as mutants from './mutants.js';
import { describeMutatedKernels } from './mutatedKernel.js';

describeMutatedKernels(({ missed }) => {
  it('find each case that the cache callback lacks', () => {
    expect(missed(mutants.withoutCase, 2, 7)).toEqual([]);
  });

  it('find each register that a set lacks, unless KVM never sees it', () => {
    // The TDX module keeps these: nothing copies them at VM-exit.
    const isNeverSeen = (what: string) => /^TDX_\w+ (?:RBP|RDI|R\d+)$/.test(what);
    expect(missed(mutants.withoutMember, 2, 11).filter((what) => !isNeverSeen(what))).toEqual([]);
  });

  it('find each set that is cleared the wrong way round', () => {
    expect(missed(mutants.invertedSets, 2, 3, { '5.10': 2 })).toEqual([]);
  });

  it('find each set that is not cleared after VM-exit', () => {
    // Making another VMCS current is no VM-exit; what TDX makes unavailable has no value to be stale.
    const other = /^vmx_switch_vmcs |^tdx_/;
    expect(missed(mutants.unclearedSets, 3, 3, { '5.10': 2 }).filter((what) => !other.test(what))).toEqual([]);
  });
});

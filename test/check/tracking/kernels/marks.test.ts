import { expect, it } from 'vitest';
import * as mutants from './mutants.js';
import { describeMutatedKernels } from './mutatedKernel.js';

describeMutatedKernels(({ missed }) => {
  it('find a missing mark, unless nothing is written there', () => {
    // Switching paging on in vmx_set_cr0() writes no CR3, it only has it written back; ERAPS is no value; what 5.10's
    // ept_save_pdptrs() marks comes from the VMCS.
    expect(
      missed(mutants.unmarked, 2, 7, { '5.10': 3 }).filter(
        (what) => !/^(?:vmx_set_cr0|ept_save_pdptrs) |_ERAPS$/.test(what),
      ),
    ).toEqual([]);
  });

  it('find a missing dirty test, unless nothing is read under it', () => {
    expect(missed(mutants.withoutDirtyTest, 1, 4, { '5.10': 3 }).filter((what) => !what.endsWith('_ERAPS'))).toEqual(
      [],
    );
  });

  it('find a missing availability test', () => {
    expect(missed(mutants.withoutAvailabilityTest, 2, 8)).toEqual([]);
  });

  it('find an availability test of the wrong sense', () => {
    expect(missed(mutants.withWrongSense, 2, 8)).toEqual([]);
  });

  it('find a missing fetch, unless nothing is read behind it', () => {
    // vmx_set_cr0() fetches CR3 before it changes what the VMCS holds, for others to read.
    expect(missed(mutants.withoutFetch, 2, 6).filter((what) => !what.startsWith('vmx_set_cr0 '))).toEqual([]);
  });
});

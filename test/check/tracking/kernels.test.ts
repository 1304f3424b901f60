import { beforeAll, describe, expect, it } from 'vitest';
import type { RegisterModel } from '../../../server/src/model/registerModel.js';
import { treeReading, type TreeReading } from '../../../server/src/model/readTree.js';
import { parser, treeAt } from '../../engine.js';
import { changedTree } from '../../kernels/treeChanges.js';
import { describeKernels } from '../../kernels.js';
import { sampleNames } from '../../samples.js';
import { found as findings, sampleTree } from './checked.js';
import * as mutants from './mutants.js';
import type { Mutant } from './mutants.js';

describe('the sample trees', () => {
  it.each(sampleNames())('%s has no finding of the tracking family', async (name) => {
    expect(findings(treeReading(await parser())(sampleTree(name)))).toEqual([]);
  });
});

describeKernels('the tracking rules on a kernel', (kernel) => {
  const tree = treeAt(kernel.root);
  let read: TreeReading;
  let model: RegisterModel;

  beforeAll(async () => {
    read = treeReading(await parser());
    model = read(tree);
  }, 30_000);

  /** What is not reported of mistakes that are put in a few at a time, so that they do not hide one another. */
  const missed = async (all: readonly Mutant[], batches: number, least: number): Promise<string[]> => {
    expect(all.length).toBeGreaterThanOrEqual(least);
    const found: string[] = [];
    for (let batch = 0; batch < batches; batch++) {
      const own = all.filter((_, i) => i % batches === batch);
      const after = findings(
        read(
          changedTree(
            tree,
            own.map(({ change }) => change),
          ),
        ),
      );
      found.push(...own.filter(({ isFound }) => !after.some(isFound)).map(({ what }) => what));
      // Lets the test runner breathe: a reading is one long step.
      await new Promise(setImmediate);
    }
    return found;
  };

  it('find nothing', () => {
    expect(findings(model)).toEqual([]);
  });

  it('find nothing in arch/x86/kvm alone', () => {
    const files = tree.files.filter(({ path }) => path.startsWith('arch/x86/kvm/'));
    expect(findings(read({ ...tree, files }))).toEqual([]);
  });

  it('find a missing mark, unless nothing is written there', async () => {
    // Switching paging on in vmx_set_cr0() writes no CR3, it only has it written back; ERAPS is no value.
    expect((await missed(mutants.unmarked(model), 2, 7)).filter((what) => !/^vmx_set_cr0 |_ERAPS$/.test(what))).toEqual(
      [],
    );
  }, 30_000);

  it('find a missing dirty test, unless nothing is read under it', async () => {
    expect((await missed(mutants.withoutDirtyTest(model), 1, 4)).filter((what) => !what.endsWith('_ERAPS'))).toEqual(
      [],
    );
  }, 30_000);

  it('find a missing availability test', async () => {
    expect(await missed(mutants.withoutAvailabilityTest(model), 2, 8)).toEqual([]);
  }, 30_000);

  it('find an availability test of the wrong sense', async () => {
    expect(await missed(mutants.withWrongSense(model), 2, 8)).toEqual([]);
  }, 30_000);

  it('find a missing fetch, unless nothing is read behind it', async () => {
    // vmx_set_cr0() fetches CR3 before it changes what the VMCS holds, for others to read.
    expect(
      (await missed(mutants.withoutFetch(model), 2, 6)).filter((what) => !what.startsWith('vmx_set_cr0 ')),
    ).toEqual([]);
  }, 30_000);

  it('find each move that the world switch does on one side only', async () => {
    expect(await missed(mutants.unswitched(model, 'load'), 2, 29)).toEqual([]);
    expect(await missed(mutants.unswitched(model, 'store'), 2, 29)).toEqual([]);
  }, 60_000);

  it('find each copy that C does on one side of VM-entry only', async () => {
    expect(await missed(mutants.uncopied(model, 'load'), 1, 3)).toEqual([]);
    expect(await missed(mutants.uncopied(model, 'store'), 1, 5)).toEqual([]);
  }, 30_000);

  it('find each copy from or to the place of another register', async () => {
    expect(await missed(mutants.swapped(model), 2, 40)).toEqual([]);
    expect(await missed(mutants.swappedSlots(model), 1, 0)).toEqual([]);
    expect(await missed(mutants.misnamed(model), 1, 10)).toEqual([]);
  }, 30_000);

  it('find a copy of all registers but one', async () => {
    for (const nth of [4, 15]) expect(await missed(mutants.leftOut(model, nth), 1, 3)).toEqual([]);
  }, 30_000);

  it('find each case that the cache callback lacks', async () => {
    expect(await missed(mutants.withoutCase(model), 2, 7)).toEqual([]);
  }, 30_000);

  it('find each register that a set lacks, unless KVM never sees it', async () => {
    // The TDX module keeps these: nothing copies them at VM-exit.
    const isNeverSeen = (what: string) => /^TDX_\w+ (?:RBP|RDI|R\d+)$/.test(what);
    expect((await missed(mutants.withoutMember(model), 2, 11)).filter((what) => !isNeverSeen(what))).toEqual([]);
  }, 30_000);

  it('find each set that is cleared the wrong way round', async () => {
    expect(await missed(mutants.invertedSets(model), 2, 3)).toEqual([]);
  }, 30_000);

  it('find each set that is not cleared after VM-exit', async () => {
    // Making another VMCS current is no VM-exit; what TDX makes unavailable has no value to be stale.
    const other = /^vmx_switch_vmcs |^tdx_/;
    expect((await missed(mutants.unclearedSets(model), 3, 3)).filter((what) => !other.test(what))).toEqual([]);
  }, 30_000);

  it('find a new register that nothing moves', () => {
    const { file, offset } = model.registers.flatMap(({ member, register }) =>
      register === 'R15' && member?.declared ? [{ file: member.declared.file, offset: member.offset }] : [],
    )[0] ?? { file: '', offset: 0 };
    const start = (model.files.get(file)?.source.text.indexOf(',', offset) ?? 0) + 1;
    const change = { path: file, start, end: start, put: ' VCPU_REGS_R16 = 16,' };
    expect(findings(read(changedTree(tree, [change]))).map(({ rule, text }) => [rule, text])).toEqual([
      ['never-moved', 'VCPU_REGS_R16'],
    ]);
  }, 30_000);
});

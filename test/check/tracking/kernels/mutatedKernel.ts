import { beforeAll, expect } from 'vitest';
import { treeReading, type TreeReading, type TreeText } from '../../../../server/src/model/readTree.js';
import type { RegisterModel } from '../../../../server/src/model/registerModel.js';
import { parser, treeAt } from '../../../engine.js';
import { describeKernels } from '../../../kernels.js';
import { changedTree } from '../../../kernels/treeChanges.js';
import { found, type Found } from '../checked.js';
import type { Mutant } from './mutants.js';

/** A real kernel that mistakes are put into. */
export interface MutatedKernel {
  readonly tree: TreeText;
  /** What the rules find in the tree, or in one that differs from it. */
  readonly findings: (tree: TreeText) => Found[];
  /**
   * Of mistakes in the kernel, of which there must be `least` at least, what is not found. They are put in in so many
   * batches, so that they do not hide one another. `fewer`: how many an older kernel has a place for, by its version.
   */
  readonly missed: (
    mutantsOf: (model: RegisterModel) => readonly Mutant[],
    batches: number,
    least: number,
    fewer?: Readonly<Record<string, number>>,
  ) => string[];
}

/** Tests of the tracking rules on each real kernel. Each is read once, and then what a mistake changes. */
export function describeMutatedKernels(tests: (kernel: MutatedKernel) => void): void {
  describeKernels('the tracking rules on a kernel', ({ root, version }) => {
    const tree = treeAt(root);
    let read: TreeReading;
    let model: RegisterModel;

    beforeAll(async () => {
      read = treeReading(await parser());
      model = read(tree);
    });

    const findings = (of: TreeText) => found(read(of));
    const missedOf = (mutants: readonly Mutant[]) => {
      const changes = mutants.map(({ change }) => change);
      const after = findings(changedTree(tree, changes));
      return mutants.filter(({ isFound }) => !after.some(isFound)).map(({ what }) => what);
    };
    tests({
      tree,
      findings,
      missed: (mutantsOf, batches, least, fewer = {}) => {
        const all = mutantsOf(model);
        expect(all.length).toBeGreaterThanOrEqual(fewer[version] ?? least);
        return Array.from({ length: batches }, (_, batch) =>
          missedOf(all.filter((_, i) => i % batches === batch)),
        ).flat();
      },
    });
  });
}

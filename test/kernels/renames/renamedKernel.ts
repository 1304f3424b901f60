import { beforeAll, expect } from 'vitest';
import type { RegisterModel } from '../../../server/src/model/registerModel.js';
import { treeReading, type TreeReading, type TreeText } from '../../../server/src/model/readTree.js';
import { parser, treeAt } from '../../engine.js';
import { describeKernels, type Kernel } from '../../kernels.js';
import { difference, modelLines } from '../mapLines.js';
import { identifiersOf, inOldNames, meaningless, withNames, withPaths, type Names } from '../renaming.js';

export const NONE: Names = new Map();

/** A real kernel whose names are replaced. */
export interface RenamedKernel {
  readonly tree: TreeText;
  /** The identifiers that occur in it. */
  readonly words: ReadonlySet<string>;
  /** What it says under its own names; there from the first test on. */
  readonly model: () => RegisterModel;
  /** New names for those of some names that the tree has. */
  readonly renamed: (names: readonly string[]) => Names;
  /** What a reading of the renamed tree, told in the old names, says otherwise. */
  readonly changed: (names: Names, paths?: Names) => ReturnType<typeof difference>;
}

/** Tests of what each real kernel says when its names mean nothing. Each is read once, and then what a renaming changes. */
export function describeRenamedKernels(
  tests: (kernel: RenamedKernel) => void,
  isFor?: (kernel: Kernel) => boolean,
): void {
  describeKernels(
    'the map does not hang on names',
    ({ root }) => {
      const tree = treeAt(root);
      const words = identifiersOf(tree);
      let read: TreeReading;
      let model: RegisterModel;
      let before: string[];

      beforeAll(async () => {
        read = treeReading(await parser());
        model = read(tree);
        before = modelLines(model);
      });

      tests({
        tree,
        words,
        model: () => model,
        renamed: (names) => new Map(names.filter((name) => words.has(name)).map((name) => [name, meaningless(name)])),
        changed: (names, paths = NONE) => {
          expect([...names.values()].filter((name) => words.has(name))).toEqual([]);
          const renamed = withPaths(withNames(tree, names), paths);
          return difference(before, inOldNames(modelLines(read(renamed)), names, paths));
        },
      });
    },
    isFor,
  );
}

import fc from 'fast-check';
import type { TreeText } from '../../server/src/model/readTree.js';
import type { CParser } from '../../server/src/syntax/c/cTree.js';
import { fuzzerOf, type Fuzzer } from './fuzzer.js';
import { treeJudge, withText } from './judgedTree.js';
import { picked } from './picked.js';
import { mutated, mutations, type Mutation } from './tokenMutations.js';

/** A file of one of the trees with changes; the first three are numbers of any size that pick one. */
interface Input {
  readonly tree: number;
  readonly file: number;
  readonly donor: number;
  readonly changes: readonly Mutation[];
}

const pick = fc.nat(10_000);

/** Files of the trees, C and assembly, with their tokens deleted, doubled, moved, and mixed with what does not belong there. */
export function cFuzzer(c: CParser, trees: readonly TreeText[]): Fuzzer {
  const judgeOf = treeJudge(c);
  const edited = ({ tree: number, file: fileNumber, donor: donorNumber, changes }: Input) => {
    const tree = picked(trees, number);
    const { path, text } = picked(tree.files, fileNumber);
    return { tree, path, text: mutated(text, changes, picked(tree.files, donorNumber).text) };
  };
  return fuzzerOf({
    name: 'c',
    inputs: fc.record({ tree: pick, file: pick, donor: pick, changes: mutations }),
    judge: (input) => {
      const { tree, path, text } = edited(input);
      judgeOf(tree)(withText(tree, path, text), path);
    },
    filesOf: (input) => {
      const { tree, path, text } = edited(input);
      return new Map(withText(tree, path, text).files.map((file) => [file.path, file.text]));
    },
  });
}

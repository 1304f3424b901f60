import type { TreeText } from '../../server/src/model/readTree.js';
import type { CParser } from '../../server/src/syntax/c/cTree.js';
import { assemblyOf } from './assemblyGrammar.js';
import { fuzzerOf, type Fuzzer } from './fuzzer.js';
import { treeJudge, withText } from './judgedTree.js';

const PATH = 'arch/x86/kvm/vmx/vmenter.S';

/** World switches made of random assembly, in the place of the last tree's own. */
export function assemblyFuzzer(c: CParser, trees: readonly TreeText[]): Fuzzer {
  const judgeOf = treeJudge(c);
  const tree = trees.findLast(({ files }) => files.some(({ path }) => path === PATH));
  if (!tree) throw new Error(`no tree has ${PATH}`);
  return fuzzerOf({
    name: 'assembly',
    inputs: assemblyOf({ maxDepth: 4, maxLength: 10 }),
    judge: (text) => {
      judgeOf(tree)(withText(tree, PATH, text), PATH);
    },
    filesOf: (text) => new Map([[PATH, text]]),
  });
}

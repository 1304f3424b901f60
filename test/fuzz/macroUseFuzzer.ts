import fc from 'fast-check';
import type { TreeText } from '../../server/src/model/readTree.js';
import { assertAgreement } from './cpp.js';
import { fuzzerOf, type Fuzzer } from './fuzzer.js';
import { macroUsesOf } from './macroUses.js';
import { picked } from './picked.js';

/** How many uses of a tree are expanded at once. */
const USES = 200;

/** Uses of macros in the trees, chosen at random, expanded by us and by GCC. */
export function macroUseFuzzer(trees: readonly TreeText[]): Fuzzer {
  const all = trees.map(macroUsesOf).filter(({ uses }) => uses.length > 0);
  const inputOf = ({ tree, uses }: { tree: number; uses: readonly number[] }) => {
    const from = picked(all, tree);
    return { defines: from.defines, texts: uses.map((use) => picked(from.uses, use)) };
  };
  return fuzzerOf({
    name: 'macro-uses',
    inputs: fc.record({
      tree: fc.nat(10_000),
      uses: fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: USES }),
    }),
    judge: (input) => {
      const { defines, texts } = inputOf(input);
      assertAgreement(defines, texts);
    },
    filesOf: (input) => {
      const { defines, texts } = inputOf(input);
      return new Map([['macros.c', `${defines}${texts.join('\n')}\n`]]);
    },
  });
}

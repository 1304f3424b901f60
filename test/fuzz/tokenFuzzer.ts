import fc from 'fast-check';
import { checkTree } from '../../server/src/check/checkTree.js';
import { TRACKING_RULES } from '../../server/src/check/tracking/trackingRules.js';
import { treeReading, type TreeText } from '../../server/src/model/readTree.js';
import type { CParser } from '../../server/src/syntax/c/cTree.js';
import { compiledTree } from './compiledTree.js';
import { fuzzerOf, type Fuzzer } from './fuzzer.js';
import { withText } from './judgedTree.js';
import { picked } from './picked.js';
import { tokenChanges } from './tokenChanges.js';

/** A token of a tree's file that is changed: numbers of any size that pick one. */
interface Input {
  readonly tree: number;
  readonly file: number;
  readonly change: number;
}

/** The name by which the fuzzer is chosen. */
export const TOKEN_FUZZER = 'tokens';

const pick = fc.nat(1_000_000);

/**
 * Trees of our own with one token that is missing, doubled or another: no mistake in register tracking may be found that was not there
 * before, unless gcc and as take the text. Needs gcc.
 */
export function tokenFuzzer(c: CParser, trees: readonly TreeText[]): Fuzzer {
  const findingsOf = new Map(
    trees.map((tree) => {
      const read = treeReading(c);
      const findings = (changed: TreeText) =>
        checkTree(read(changed), TRACKING_RULES).map(({ rule, message }) => `${rule}: ${message}`);
      return [tree, { findings, known: new Set(findings(tree)) }];
    }),
  );
  const changed = ({ tree: number, file, change }: Input) => {
    const tree = picked(trees, number);
    const { path, text } = picked(tree.files, file);
    const { start, end, by } = picked(tokenChanges(text), change);
    return { tree, path, text: text.slice(0, start) + by + text.slice(end) };
  };
  return fuzzerOf({
    name: TOKEN_FUZZER,
    inputs: fc.record({ tree: pick, file: pick, change: pick }),
    judge: (input) => {
      const { tree, path, text } = changed(input);
      const reading = findingsOf.get(tree);
      const found =
        reading?.findings(withText(tree, path, text)).filter((finding) => !reading.known.has(finding)) ?? [];
      if (found.length === 0) return;
      const refused = refusalsOf(tree, path, text);
      if (refused.length > 0)
        throw new Error(`${found.join('\n')}\nand no compiler takes ${path}: ${refused.join('\n')}`);
    },
    filesOf: (input) => {
      const { path, text } = changed(input);
      return new Map([[path, text]]);
    },
  });
}

function refusalsOf(tree: TreeText, path: string, text: string): readonly string[] {
  const compiled = compiledTree(tree);
  try {
    return compiled.refusals(path, text);
  } finally {
    compiled.remove();
  }
}

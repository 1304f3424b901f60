import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readTree, treeReading, type TreeText } from '../../../server/src/model/readTree.js';
import { parser, treeAt } from '../../engine.js';
import { changed, changes } from '../../mutations.js';
import { samplePath } from '../../samples.js';
import { apxFindings } from './findings.js';

const sample = treeAt(samplePath('load-store-regs'));

/** The sample with changes in one of its files. */
function edited(file: number, all: Parameters<typeof changed>[1]): TreeText {
  const at = file % sample.files.length;
  const files = sample.files.map(({ path, text }, i) => ({ path, text: i === at ? changed(text, all) : text }));
  return { ...sample, files };
}

it('finds the same after any edits as in a tree that is read afresh', async () => {
  const c = await parser();
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), changes), { minLength: 1, maxLength: 3 }), (edits) => {
      const read = treeReading(c);
      read(sample);
      for (const [file, all] of edits) {
        const tree = edited(file, all);
        expect(apxFindings(read(tree))).toEqual(apxFindings(readTree(c, tree)));
      }
    }),
    { numRuns: 15 },
  );
});

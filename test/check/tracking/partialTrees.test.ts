import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { treeReading, type TreeReading, type TreeText } from '../../../server/src/model/readTree.js';
import { parser } from '../../engine.js';
import { found, sampleTree } from './checked.js';

/** Trees without mistakes, of three eras and three ways to R16-R31. */
const SAMPLES = ['inline-asm', 'vcpu-offsets', 'load-store-regs', 'apx-fpstate', 'apx-world-switch', 'apx-xfeatures'];

// What is not there is not missing: someone may have copied out a part of a tree, or a file may not have been found.
describe.each(SAMPLES)('a part of samples/%s', (name) => {
  const tree = sampleTree(name);
  let read: TreeReading;

  beforeAll(async () => {
    read = treeReading(await parser());
  });

  const saidOf = (files: TreeText['files']) =>
    found(read({ ...tree, files })).map(({ file, line, message }) => `${file}:${line} ${message}`);

  it('without any one file has no mistake', () => {
    for (const file of tree.files) expect(saidOf(tree.files.filter((other) => other !== file))).toEqual([]);
  });

  it('without any number of files has none', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.boolean()), (kept) => {
        expect(saidOf(tree.files.filter(() => kept.next().value))).toEqual([]);
      }),
      { seed: 5, numRuns: 15 },
    );
  });
});

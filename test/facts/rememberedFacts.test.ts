import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readTree, treeReading } from '../../server/src/model/readTree.js';
import { parser } from '../engine.js';
import { edited, edits, factsText, TREE_TEXT } from './editedTree.js';

it('after any edits the facts that are remembered are those of a fresh reading', async () => {
  const c = await parser();
  fc.assert(
    fc.property(fc.array(edits, { minLength: 1, maxLength: 4 }), (all) => {
      const reading = treeReading(c);
      let text = TREE_TEXT;
      factsText(reading(text));
      for (const edit of all) {
        text = edited(text, edit);
        expect(factsText(reading(text))).toBe(factsText(readTree(c, text)));
      }
    }),
    { numRuns: 60 },
  );
});

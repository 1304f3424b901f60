import { it } from 'vitest';
import { treeReading } from '../../server/src/model/readTree.js';
import { parser, treeAt } from '../engine.js';
import { describeKernels, isOldestOrNewest } from '../kernels.js';
import { expectSame } from '../sameAs.js';

describeKernels(
  'functions that an edit only moves have the facts',
  ({ root }) => {
    it('that a reading from scratch gives them', async () => {
      const c = await parser();
      const tree = treeAt(root);
      const moved = {
        ...tree,
        files: tree.files.map(({ path, text }) => ({
          path,
          text: path.endsWith('.c') ? `/* one more line */\n${text}` : text,
        })),
      };
      const reading = treeReading(c);
      reading(tree).numbers();
      const again = reading(moved);
      const fresh = treeReading(c)(moved);
      for (const [path, file] of fresh.files) {
        expectSame(again.files.get(path)?.references, file.references, path);
        expectSame(again.files.get(path)?.facts?.functions, file.facts?.functions, path);
      }
      expectSame(again.numbers(), fresh.numbers());
    });
  },
  isOldestOrNewest,
);

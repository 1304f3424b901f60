import { expect, it } from 'vitest';
import { checkTree } from '../../../../server/src/check/checkTree.js';
import { TRACKING_RULES } from '../../../../server/src/check/tracking/trackingRules.js';
import { treeReading } from '../../../../server/src/model/readTree.js';
import { parser, treeAt } from '../../../engine.js';
import { describeKernels } from '../../../kernels.js';

/** The files that declare what the rules look for, where a kernel has them, and the world switch. */
const FILES = ['asm/kvm_host.h', 'kvm/regs.h', 'kvm/kvm_cache_regs.h', 'vmx/vmx.h', 'vmx/vmenter.S'];
/** How many marks of each file are tried. */
const TRIED = 3;
const CHANGED: Readonly<Record<string, string>> = { '{': '(', '}': ')', '(': '[', ')': ']', ';': ',', ',': ';' };

/** A fixed series of numbers in [0, 1): Park and Miller's, so that a failure comes again. */
function series(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describeKernels(
  'a kernel while somebody types in it',
  ({ root }) => {
    it('has no finding for a mark that is missing, doubled or another', async () => {
      const tree = treeAt(root);
      const read = treeReading(await parser());
      const random = series(14);
      const invented: string[] = [];
      for (const file of tree.files.filter(({ path }) => FILES.some((name) => path.endsWith(`/${name}`)))) {
        const marks = Array.from(file.text.matchAll(/[{}();,]/g));
        for (let i = 0; i < TRIED; i++) {
          const found = marks[Math.floor(random() * marks.length)];
          if (!found) continue;
          const { index, 0: mark } = found;
          const by = ['', mark + mark, CHANGED[mark] ?? ''][i % 3] ?? '';
          const text = file.text.slice(0, index) + by + file.text.slice(index + 1);
          const files = tree.files.map((one) => (one === file ? { ...one, text } : one));
          for (const { message } of checkTree(read({ ...tree, files }), TRACKING_RULES))
            invented.push(
              `${file.path}:${String(file.text.slice(0, index).split('\n').length)} '${mark}' '${by}' ${message}`,
            );
        }
      }
      expect(invented).toEqual([]);
    }, 120_000);
  },
  ({ version }) => version === '7.2',
);

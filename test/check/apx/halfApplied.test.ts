import { beforeAll, expect, it } from 'vitest';
import { treeReading, type TreeReading, type TreeText } from '../../../server/src/model/readTree.js';
import { sourceText } from '../../../server/src/syntax/text/sourceText.js';
import { parser, treeAt } from '../../engine.js';
import { describeKernels } from '../../kernels.js';
import { changedTree, type Change } from '../../kernels/treeChanges.js';
import { apxFindings } from './findings.js';
import { handList, type Listed } from './hand.js';
import { inEnum, inSet, inTable, isSupported, STEPS } from './steps.js';

/** What makes room for 32 on a line with a finding of a rule. The other rules' places follow from these, or are changed whole. */
const WIDER: ReadonlyMap<string, readonly [find: RegExp, put: string]> = new Map([
  ['apx/narrow-index', [/\b(?:0xf|0x0F|15)\b/, '0x1f']],
  ['apx/decoder', [/8 : 0/, '24 : 0']],
  ['apx/narrow-mask', [/u16/, 'u32']],
  ['apx/fixed-array', [/\[16\]/, '[32]']],
  ['apx/bound', [/< 16/, '< 32']],
  ['apx/gpr-count', [/\t16/, '\t32']],
]);

function widened(tree: TreeText, { place, rule }: Listed): Change[] {
  const [path = '', line = ''] = place.split(':');
  const [find, put] = WIDER.get(rule ?? '') ?? [];
  const text = tree.files.find((file) => file.path === path)?.text ?? '';
  const start = sourceText(path, text).lineStarts[Number(line) - 1] ?? 0;
  const found = find?.exec(text.slice(start, text.indexOf('\n', start)));
  return found && put !== undefined
    ? [{ path, start: start + found.index, end: start + found.index + found[0].length, put }]
    : [];
}

describeKernels(
  'a tree with a part of an APX series',
  (kernel) => {
    let read: TreeReading;
    let tree: TreeText;
    let before: readonly string[];
    beforeAll(async () => {
      read = treeReading(await parser());
      tree = treeAt(kernel.root);
      before = found(tree);
    });
    const found = (of: TreeText) => apxFindings(read(of)).map((line) => line.replace(/^arch\/x86\//, ''));
    const without = (all: readonly string[], others: readonly string[]) =>
      all.filter((line) => !others.includes(line)).toSorted();

    it.each(STEPS)('$title', ({ changes, gone, fresh = [] }) => {
      const after = found(changedTree(tree, changes(tree)));
      expect(without(before, after)).toEqual(gone.toSorted());
      expect(without(after, before)).toEqual(fresh.toSorted());
    });

    it('has no finding when every step is taken', () => {
      const changes = [
        ...handList(kernel.version).flatMap((listed) => widened(tree, listed)),
        ...[inEnum, inSet, inTable, isSupported].map((change) => change(tree)),
      ];
      expect(found(changedTree(tree, changes))).toEqual([]);
    });
  },
  (kernel) => kernel.version === '7.2',
);

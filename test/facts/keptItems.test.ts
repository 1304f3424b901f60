import { expect, it } from 'vitest';
import { itemsAsKept, keptItems } from '../../server/src/facts/source/keptItems.js';
import { outlineSource } from '../../server/src/facts/source/sourceOutline.js';
import { treeAt } from '../engine.js';
import { samplePath } from '../samples.js';

it.each(['load-store-regs', 'apx-series'])('items of samples/%s are what they were before they were kept', (name) => {
  const outlines = treeAt(samplePath(name)).files.map(({ path, text }) => outlineSource(path, text));
  expect(outlines.flatMap(({ items }) => items.flatMap(({ calls }) => calls)).some(({ holder }) => holder)).toBe(true);
  for (const { items } of outlines) expect(itemsAsKept(keptItems(items))).toEqual(items);
});

it('items that are broken, too', () => {
  const { items } = outlineSource('a.c', 'int f(void)\n{\n\treturn g(h(1;\n}\n\nenum { A, B } x[] = {\n');
  expect(items.length).toBeGreaterThan(0);
  expect(itemsAsKept(keptItems(items))).toEqual(items);
});

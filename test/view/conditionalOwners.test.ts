import { describe, expect, it } from 'vitest';
import { mapLines } from '../../server/src/cli/mapTable.js';

import { modelOfTree } from '../engine.js';
import { samplePath } from '../samples.js';
import { mapView } from '../../server/src/view/mapView.js';

/** What the map has for R16-R31: the row of the table, and for each backend whether the page says `conditional`. */
async function egprsOf(sample: string) {
  const model = await modelOfTree(samplePath(sample));
  const texts = mapLines(model, 100).map((line) => (typeof line === 'string' ? line : line.text));
  const rows = mapView(model).groups.flatMap((group) => group.rows);
  const cells = rows.find(({ register }) => register === 'R20')?.cells ?? [];
  return {
    row: texts.find((text) => text.startsWith('R16-R31'))?.replace(/ +/g, ' '),
    conditional: cells.map(({ cases }) => cases[0]?.isConditional),
  };
}

describe('the map marks R16-R31 that are moved under a condition only', () => {
  it.each([
    ['apx-series', 'R16-R31 switched* none protected protected', [true, false, false, false]],
    ['apx-fpstate', 'R16-R31 xsave fpstate XFEATURE_APX xsave fpstate XFEATURE_APX', [false, false]],
  ])('%s', async (sample, row, conditional) => {
    expect(await egprsOf(sample)).toEqual({ row, conditional });
  });
});

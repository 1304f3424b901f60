import { expect, it } from 'vitest';
import { APX_RULES } from '../../server/src/check/apx/apxRules.js';
import { checkTree } from '../../server/src/check/checkTree.js';
import { seriesLeft } from '../../server/src/cli/seriesLeft.js';
import { registerNamed } from '../../server/src/model/query/registers.js';
import { readTree } from '../../server/src/model/readTree.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { mapText, ownersText, xsaveText } from '../cliText.js';
import { parser, treeAt } from '../engine.js';
import { samplePath } from '../samples.js';
import { afterPatches, PATCHES } from './apxSeries.js';

const sample = treeAt(samplePath('apx-series'));
const titles = ['before the series', ...PATCHES.map(({ title }) => title)];

it.each(titles.map((title, count) => [count, title] as const))('samples/apx-series after patch %i: %s', async (count, title) => {
  const state = stateOf(readTree(await parser(), afterPatches(sample, count)));
  await expect(`${title}\n\n${state}\n`).toMatchFileSnapshot(`apxSeries/${String(count)}.txt`);
});

/** What a tree says of R16-R31, by all commands that speak of them. */
function stateOf(model: RegisterModel): string {
  const r20 = registerNamed(model, 'R20');
  const rows = (text: string, word: RegExp) => text.split('\n').filter((line) => word.test(line));
  return [
    ...rows(mapText(model, 200), /^R16/),
    '',
    r20 ? ownersText(model, r20, null) : 'no R20\n',
    ...rows(xsaveText(model, 100), /APX/),
    '',
    ...seriesLeft(model, checkTree(model, APX_RULES), APX_RULES),
  ].join('\n');
}

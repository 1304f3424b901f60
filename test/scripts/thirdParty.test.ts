import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/setup.mjs';
import { thirdPartyNotices } from '../../scripts/third-party.mjs';

test('THIRD_PARTY.md is what `npm run third-party` writes', async () => {
  expect(readFileSync(join(root, 'THIRD_PARTY.md'), 'utf8')).toBe(await thirdPartyNotices());
});

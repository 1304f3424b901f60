import fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { samplePath } from '../samples.js';
import { testClient, uriOf } from './client.js';
import { answersAbout, replay, session } from './replay.js';

describe('a server in whose documents somebody types', () => {
  it('says in the end what a fresh one says of the same texts', async () => {
    const root = samplePath('load-store-regs');
    await fc.assert(
      fc.asyncProperty(session, async (edits) => {
        const [typedIn, fresh] = [await testClient({ folders: [root] }), await testClient({ folders: [root] })];
        const texts = replay(typedIn, root, edits);
        for (const [path, text] of texts) fresh.open(uriOf(join(root, path)), text);
        expect(await answersAbout(typedIn, root, texts)).toEqual(await answersAbout(fresh, root, texts));
        expect(await Promise.all([typedIn.end(), fresh.end()])).toEqual([0, 0]);
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });
});

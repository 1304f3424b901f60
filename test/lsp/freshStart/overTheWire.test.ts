import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ClientCapabilities, CodeLens, SymbolInformation } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { temporaryTree } from '../../tree/temporaryTree.js';
import { testClient, uriOf, type Client } from '../client.js';
import { doSteps, sequences, writeSmallTree, type Follower } from './treeSequences.js';

const WATCHING: ClientCapabilities = {
  workspace: { didChangeWatchedFiles: { dynamicRegistration: true }, codeLens: { refreshSupport: true } },
};

it('after any sequence of edits and changes on the disk every answer equals that of a fresh start, over the wire', async () => {
  const directory = temporaryTree({});
  const roots = [1, 2, 3, 4, 5].map((i) => join(directory, String(i)));
  roots.forEach(writeSmallTree);
  const client = await testClient({ folders: roots, capabilities: WATCHING });
  await answersFrom(client);
  const opened = fc.sample(sequences, { numRuns: roots.length, seed: 7 }).flatMap((steps, i) => {
    const root = roots[i] ?? '';
    const open = doSteps(root, steps, senderOf(client, root));
    return [...open].map(([path, text]) => ({ uri: uriOf(join(root, path)), text }));
  });
  const fresh = await testClient({ folders: roots, capabilities: WATCHING });
  for (const { uri, text } of opened) fresh.open(uri, text);
  const answers = await answersFrom(client);
  expect(answers.length).toBeGreaterThan(10_000);
  expect(answers).toBe(await answersFrom(fresh));
});

/** Sends what an editor sends: an edit as the piece that it replaces. */
function senderOf(client: Client, root: string): Follower {
  const uri = (path: string) => uriOf(join(root, path));
  return {
    open: (path, text) => {
      client.open(uri(path), text);
    },
    change: (path, before, after) => {
      const { start, end, by } = replacement(before, after);
      const document = TextDocument.create('', '', 0, before);
      client.change(uri(path), { start: document.positionAt(start), end: document.positionAt(end) }, by);
      // Its answer does not matter, nor whether the server is ended before it.
      client.request('textDocument/codeLens', { textDocument: { uri: uri(path) } }).catch(() => undefined);
    },
    close: (path) => {
      client.close(uri(path));
    },
    diskChanged: () => {
      client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: uriOf(root), type: 2 }] });
    },
  };
}

/** The one piece in which a text differs from another. */
function replacement(before: string, after: string): { start: number; end: number; by: string } {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start++;
  let same = 0;
  const most = Math.min(before.length, after.length) - start;
  while (same < most && before.at(-1 - same) === after.at(-1 - same)) same++;
  return { start, end: before.length - same, by: after.slice(start, after.length - same) };
}

/** What a server says of its trees' symbols and of the files that they are in, as text. */
async function answersFrom(client: Client): Promise<string> {
  const symbols = await client.request<SymbolInformation[]>('workspace/symbol', { query: '' });
  const places = await Promise.all(
    symbols.map(async ({ location: { uri, range } }) => {
      const place = { textDocument: { uri }, position: range.start, context: { includeDeclaration: true } };
      const ask = (method: string) => client.request(method, place);
      return [
        await ask('textDocument/hover'),
        await ask('textDocument/references'),
        await ask('textDocument/implementation'),
      ];
    }),
  );
  const files = [...new Set(symbols.map(({ location }) => location.uri))];
  const lenses = await Promise.all(
    files.map(async (uri) => {
      const found = await client.request<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } });
      return Promise.all(found.map((lens) => client.request('codeLens/resolve', lens)));
    }),
  );
  return JSON.stringify({ symbols, places, lenses }, null, 1);
}

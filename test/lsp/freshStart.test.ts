import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ClientCapabilities, CodeLens, SymbolInformation } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { AnswerOptions } from '../../server/src/lsp/answerOptions.js';
import { clientOptions } from '../../server/src/lsp/clientOptions.js';
import { createWorkspace, type Workspace } from '../../server/src/lsp/engine/workspace.js';
import { codeLenses, resolvedLens } from '../../server/src/lsp/features/codeLens.js';
import { hoverAt } from '../../server/src/lsp/features/hover.js';
import { referencesAt } from '../../server/src/lsp/features/references.js';
import { positionAt } from '../../server/src/lsp/positions.js';
import { allSteps } from '../../server/src/model/steps.js';
import type { CParser } from '../../server/src/syntax/c/cTree.js';
import { parser } from '../engine.js';
import { testClient, uriOf, type Client } from './client.js';
import { doSteps, sequences, writeSmallTree, type Follower } from './treeSequences.js';

const WATCHING: ClientCapabilities = { workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } };
const OPTIONS: AnswerOptions = {
  encoding: 'utf-16',
  isMarkdown: false,
  hasCommandLinks: false,
  hasRelatedInformation: false,
  settings: { codeLens: { everyFunction: true } },
};

/** Of a workspace whose readings are of no interest. */
const UNHEARD = { onStage: () => undefined, onRead: () => undefined };

describe('after any sequence of edits and changes on the disk', () => {
  it('every answer equals that of a fresh start', async () => {
    const c = await parser();
    const directory = emptyDirectory();
    let run = 0;
    fc.assert(
      fc.property(sequences, (steps) => {
        const root = join(directory, String(run++));
        writeSmallTree(root);
        const workspace = createWorkspace(c, UNHEARD);
        allSteps(workspace.addFolder(root));
        const open = doSteps(root, steps, followerOf(workspace, root));
        expect(answersOf(workspace)).toBe(answersOf(freshWorkspace(c, root, open)));
        rmSync(root, { recursive: true });
      }),
      { seed: 7, numRuns: 200 },
    );
  }, 60_000);

  it('every answer equals that of a fresh start, over the wire', async () => {
    const directory = emptyDirectory();
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
  }, 60_000);
});

/** Lets a workspace follow; it answers between edits, so that it has something to remember wrongly. */
function followerOf(workspace: Workspace, root: string): Follower {
  const uri = (path: string) => uriOf(join(root, path));
  return {
    open: (path, text) => {
      workspace.open({ uri: uri(path), text });
    },
    change: (path, _, after) => {
      workspace.open({ uri: uri(path), text: after });
      allSteps(workspace.now().all());
    },
    close: (path) => {
      workspace.close(uri(path));
    },
    diskChanged: () => {
      workspace.refresh();
    },
  };
}

function freshWorkspace(c: CParser, root: string, open: ReadonlyMap<string, string>): Workspace {
  const workspace = createWorkspace(c, UNHEARD);
  for (const [path, text] of open) workspace.open({ uri: uriOf(join(root, path)), text });
  allSteps(workspace.addFolder(root));
  return workspace;
}

/** What a workspace says, as text: of each file its lenses, and hovers at each reference; each register's references. */
function answersOf(workspace: Workspace): string {
  const trees = workspace.now();
  const answers = allSteps(trees.all()).map(({ model, root }) => {
    const files = [...model.files].map(([path, { source, references: found }]) => {
      const place = allSteps(trees.place(uriOf(join(root, path)))) ?? { model, root, path };
      const at = (offset: number) => ({ uri: '', position: positionAt(source, offset, OPTIONS.encoding) });
      const hovers = found.map(({ start }) => hoverAt(place, at(start), OPTIONS));
      const lenses = codeLenses(place, OPTIONS).map((lens) => resolvedLens(lens, clientOptions(null)));
      const registers = model.registers
        .filter(({ member }) => member?.declared?.file === path)
        .map(({ member }) => referencesAt(place, at(member?.offset ?? 0), OPTIONS));
      return { path, hovers, lenses, registers };
    });
    return { kernel: model.kernel, problems: model.problems, files };
  });
  return JSON.stringify(answers, null, 1);
}

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

/** A directory of this test's own, gone when it ends. */
function emptyDirectory(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'kvm-regs-fresh-')));
  onTestFinished(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientCapabilities, Hover, Location, Position, SymbolInformation } from 'vscode-languageserver';
import { describe, expect, it, vi } from 'vitest';
import { samplePath } from '../samples.js';
import { temporaryTree } from '../tree/temporaryTree.js';
import { positionOf, testClient, treesRead, uriOf } from './client.js';
import { KVM_HOST, textOf } from './sampleTree.js';

vi.setConfig({ testTimeout: 20_000 });

const [sample, another] = [samplePath('load-store-regs'), samplePath('inline-asm')];
const MARKDOWN: ClientCapabilities = { textDocument: { hover: { contentFormat: ['markdown'] } } };
const VMX = 'arch/x86/kvm/vmx/vmx.c';

describe('the trees that a server speaks of', () => {
  it('are those of all folders, each with answers of its own', async () => {
    const client = await testClient({ folders: [sample, another] });
    for (const root of [sample, another]) {
      const found = await client.request<Location[]>('textDocument/references', {
        ...placeOf(root, KVM_HOST, 'VCPU_REGS_RSP'),
        context: { includeDeclaration: true },
      });
      expect(found.length).toBeGreaterThan(3);
      for (const { uri } of found) expect(uri.startsWith(uriOf(`${root}/`)), uri).toBe(true);
    }
    const symbols = await client.request<SymbolInformation[]>('workspace/symbol', { query: 'vcpu_regs_rsp' });
    expect(symbols.map(({ location }) => location.uri).sort()).toEqual(
      [sample, another].map((root) => uriOf(join(root, KVM_HOST))).sort(),
    );
  });

  it('are found from an opened file alone', async () => {
    const client = await testClient();
    client.open(uriOf(join(sample, VMX)));
    await client.request('textDocument/documentHighlight', placeOf(sample, VMX, 'VCPU_REGS_RSP'));
    await treesRead(client);
    const hover = await client.request<Hover | null>('textDocument/hover', placeOf(sample, VMX, 'VCPU_REGS_RSP'));
    expect(hover?.contents).toMatchObject({ value: expect.stringMatching(/^RSP: .*\n[^]*SVM/) as string });
  });

  it('are spoken of by the path that the client opened them by', async () => {
    const linked = linkTo(sample);
    const client = await testClient({ folders: [linked], capabilities: MARKDOWN });
    for (const root of [linked, sample]) {
      client.open(uriOf(join(root, VMX)));
      const place = placeOf(root, VMX, 'VCPU_REGS_RSP');
      const ask = (method: string) => client.request(`textDocument/${method}`, { ...place, context: {} });
      const answers = await Promise.all(['hover', 'references', 'implementation', 'declaration', 'codeLens'].map(ask));
      const uris = JSON.stringify(answers).match(/file:[^"#)]+/g) ?? [];
      expect(uris.length).toBeGreaterThan(20);
      for (const uri of uris) expect(uri.startsWith(uriOf(`${root}/`)), uri).toBe(true);
    }
    // What is asked without a document is answered as the folder was opened.
    const symbols = await client.request<SymbolInformation[]>('workspace/symbol', { query: 'vcpu_regs_rsp' });
    expect(symbols.map(({ location }) => location.uri)).toEqual([uriOf(join(linked, KVM_HOST))]);
  });

  it('are written as they are where a link leads to a file alone', async () => {
    const outside = linkTo(join(sample, VMX));
    const client = await testClient();
    client.open(uriOf(outside));
    const [declared] = await client.request<Location[]>('textDocument/declaration', {
      textDocument: { uri: uriOf(outside) },
      position: positionOf(textOf(sample, VMX), 'VCPU_REGS_RSP'),
    });
    expect(declared?.uri).toBe(uriOf(join(sample, KVM_HOST)));
  });

  it('are none for a file outside of each', async () => {
    const outside = temporaryTree({ 'vmx.c': textOf(sample, VMX) });
    const client = await testClient({ folders: [sample] });
    const uri = uriOf(join(outside, 'vmx.c'));
    client.open(uri);
    expect(await answersAt((method, params) => client.request(method, params), uri)).toEqual([]);
  });

  it('are none for a document of another scheme', async () => {
    const client = await testClient({ folders: [sample] });
    const uri = uriOf(join(sample, VMX)).replace('file://', 'git:') + '?HEAD';
    client.open(uri, textOf(sample, VMX));
    expect(await answersAt((method, params) => client.request(method, params), uri)).toEqual([]);
  });
});

/** A symbolic link to a path, gone when the test ends. */
function linkTo(target: string): string {
  const link = join(temporaryTree({}), 'linked.c');
  symlinkSync(target, link);
  return link;
}

function placeOf(root: string, path: string, word: string): { textDocument: { uri: string }; position: Position } {
  return { textDocument: { uri: uriOf(join(root, path)) }, position: positionOf(textOf(root, path), word) };
}

/** What is answered to any request about a place of the sample's vmx.c under another URI; nulls and empty lists left out. */
async function answersAt(
  ask: (method: string, params: unknown) => Promise<unknown[] | object | null>,
  uri: string,
): Promise<readonly string[]> {
  const { position } = placeOf(sample, VMX, 'VCPU_REGS_RSP');
  const params = { textDocument: { uri }, position, context: { includeDeclaration: true } };
  const range = { start: { line: 0, character: 0 }, end: { line: 200, character: 0 } };
  const answers = await Promise.all(
    METHODS.map(async (method) => ({ method, answer: await ask(method, { ...params, range }) })),
  );
  return answers.filter(({ answer }) => !isNothing(answer)).map(({ method }) => method);
}

function isNothing(answer: unknown[] | object | null): boolean {
  return answer === null || (Array.isArray(answer) && answer.length === 0);
}

const METHODS = [
  ...[
    'hover',
    'codeLens',
    'implementation',
    'definition',
    'declaration',
    'references',
    'documentHighlight',
    'inlayHint',
  ].map((name) => `textDocument/${name}`),
  'kvmRegs/explain',
  'kvmRegs/owners',
];

import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientCapabilities, Hover, Location } from 'vscode-languageserver';
import { describe, expect, it, vi } from 'vitest';
import { samplePath } from '../samples.js';
import { positionOf, testClient, treesRead, until, uriOf, type Client } from './client.js';
import { KVM_HOST, sampleCopy, textOf } from './sampleTree.js';

vi.setConfig({ testTimeout: 20_000 });

const sample = samplePath('load-store-regs');
const able: ClientCapabilities = {
  window: { workDoneProgress: true },
  workspace: {
    configuration: true,
    didChangeConfiguration: { dynamicRegistration: true },
    didChangeWatchedFiles: { dynamicRegistration: true },
    codeLens: { refreshSupport: true },
    inlayHint: { refreshSupport: true },
  },
};

describe('a client that says it can and then refuses', () => {
  it.each(['client/registerCapability', 'window/workDoneProgress/create', 'workspace/configuration'])(
    '%s is served all the same, and the refusal is logged',
    async (method) => {
      const client = await testClient({ folders: [sample], capabilities: able, refused: [method] });
      await until(() => errors(client).some((message) => message.includes('refused')), 'an error in the log');
      await treesRead(client);
      expect(await hoverText(client, sample)).toMatch(/^RSP: /);
      expect(await client.end()).toBe(0);
    },
  );

  it.each(['workspace/codeLens/refresh', 'workspace/inlayHint/refresh'])(
    '%s is served all the same, and the refusal is logged',
    async (method) => {
      const root = sampleCopy('load-store-regs');
      const client = await testClient({ folders: [root], capabilities: able, refused: [method] });
      await treesRead(client);
      appendFileSync(join(root, KVM_HOST), '\n');
      client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: uriOf(join(root, KVM_HOST)), type: 2 }] });
      await until(() => errors(client).some((message) => message.startsWith(method)), 'an error in the log');
      expect(await hoverText(client, root)).toMatch(/^RSP: /);
      expect(await client.end()).toBe(0);
    },
  );

  it('to watch files has the disk looked at', async () => {
    const root = sampleCopy('load-store-regs');
    const client = await testClient({ folders: [root], capabilities: able, refused: ['client/registerCapability'] });
    await treesRead(client);
    await until(() => errors(client).some((message) => message.startsWith('watching files')), 'an error in the log');
    appendFileSync(join(root, 'arch/x86/kvm/cpuid.c'), 'void f(struct kvm_vcpu *v)\n{\n\tkvm_rsp_write(v, 0);\n}\n');
    await until(async () => {
      const params = { ...placeIn(root), context: { includeDeclaration: true } };
      const found = await client.request<Location[]>('textDocument/references', params);
      return found.some((location) => location.uri.endsWith('cpuid.c'));
    }, 'the change');
  });
});

describe('a client that watches files and loses a change', () => {
  it.each(['didOpen', 'didSave'])('is answered by the disk after a %s', async (event) => {
    const root = sampleCopy('load-store-regs');
    const client = await testClient({ folders: [root], capabilities: able });
    const changed = join(root, 'arch/x86/kvm/cpuid.c');
    if (event === 'didSave') client.open(uriOf(join(root, KVM_HOST)));
    await treesRead(client);
    appendFileSync(changed, 'void f(struct kvm_vcpu *v)\n{\n\tkvm_rsp_write(v, 0);\n}\n');
    if (event === 'didOpen') client.open(uriOf(join(root, KVM_HOST)));
    else client.notify('textDocument/didSave', { textDocument: { uri: uriOf(join(root, KVM_HOST)) } });
    const params = { ...placeIn(root), context: { includeDeclaration: true } };
    const found = await client.request<Location[]>('textDocument/references', params);
    expect(found.some(({ uri }) => uri.endsWith('cpuid.c'))).toBe(true);
  });
});

describe('a client that never answers', () => {
  it('has its folders read with the settings that it gave at the start', async () => {
    const client = await testClient({
      folders: [sample],
      capabilities: able,
      options: { settings: { backends: ['svm'] } },
      unanswered: ['workspace/configuration', 'client/registerCapability', 'window/workDoneProgress/create'],
    });
    await treesRead(client);
    const hover = await hoverText(client, sample);
    expect(hover).toMatch(/^ *SVM /m);
    expect(hover).not.toMatch(/^ *VMX /m);
  });
});

function placeIn(root: string) {
  const host = textOf(root, KVM_HOST);
  return { textDocument: { uri: uriOf(join(root, KVM_HOST)) }, position: positionOf(host, 'VCPU_REGS_RSP') };
}

async function hoverText(client: Client, root: string): Promise<string> {
  const hover = await client.request<Hover | null>('textDocument/hover', placeIn(root));
  return (hover?.contents as { value: string } | undefined)?.value ?? '';
}

/** The errors that the server has had logged. */
function errors(client: Client): readonly string[] {
  return client.said
    .filter(({ method }) => method === 'window/logMessage')
    .map(({ params }) => params as { type: number; message: string })
    .filter(({ type }) => type === 1)
    .map(({ message }) => message);
}

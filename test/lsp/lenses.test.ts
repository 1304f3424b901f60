import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientCapabilities, CodeLens } from 'vscode-languageserver';
import { describe, expect, it, vi } from 'vitest';
import { samplePath } from '../samples.js';
import { testClient, until, uriOf, type Client } from './client.js';
import { KVM_HOST, sampleCopy } from './sampleTree.js';

vi.setConfig({ testTimeout: 20_000 });

const sample = samplePath('load-store-regs');
const vmx = uriOf(join(sample, 'arch/x86/kvm/vmx/vmx.c'));

describe('lenses', () => {
  it("have titles when they are resolved, and the client's command where it names one", async () => {
    const client = await testClient({
      folders: [sample],
      options: { commands: { showLocations: 'kvmRegs.showLocations' } },
    });
    for (const lens of await lensesOf(client, vmx)) {
      expect(lens.command).toBeUndefined();
      const { range, command } = await client.request<CodeLens>('codeLens/resolve', lens);
      expect(range).toEqual(lens.range);
      expect(command?.title).toMatch(/^\S/);
      expect(command).toMatchObject({
        command: 'kvmRegs.showLocations',
        arguments: [vmx, range.start, expect.any(Array)],
      });
    }
  });

  it('run a command of the server elsewhere, which asks the client to show the place', async () => {
    const client = await testClient({
      folders: [sample],
      capabilities: { window: { showDocument: { support: true } } },
    });
    const { commands } = client.initialized.capabilities.executeCommandProvider ?? {};
    for (const lens of await lensesOf(client, vmx)) {
      const { command } = await client.request<CodeLens>('codeLens/resolve', lens);
      expect(commands).toContain(command?.command);
      await client.request('workspace/executeCommand', { command: command?.command, arguments: command?.arguments });
      const [uri, selection] = (command?.arguments ?? []) as unknown[];
      const shown = client.said.filter(({ method }) => method === 'window/showDocument');
      expect(shown.at(-1)?.params).toMatchObject({ uri, selection });
    }
  });

  it('are never none while a text that has them is edited', async () => {
    const client = await testClient({ folders: [sample] });
    client.open(vmx);
    const before = await lensesOf(client, vmx);
    expect(before.length).toBeGreaterThan(3);
    const top = { line: 0, character: 0 };
    const asked = Array.from({ length: 10 }, () => {
      client.change(vmx, { start: top, end: top }, '\n');
      return lensesOf(client, vmx);
    });
    const after = await Promise.all(asked);
    const linesOf = (lenses: readonly CodeLens[]) => lenses.map(({ range }) => range.start.line);
    expect(after.map(linesOf)).toEqual(after.map((_, i) => linesOf(before).map((line) => line + i + 1)));
  });

  it('are refreshed once for a change on the disk, where the client can', async () => {
    const root = sampleCopy('load-store-regs');
    const capabilities: ClientCapabilities = {
      workspace: { didChangeWatchedFiles: { dynamicRegistration: true }, codeLens: { refreshSupport: true } },
    };
    const client = await testClient({ folders: [root], capabilities });
    const host = uriOf(join(root, KVM_HOST));
    await lensesOf(client, host);
    const refreshes = () => client.said.filter(({ method }) => method === 'workspace/codeLens/refresh').length;
    const paths = ['cpuid.c', 'smm.c', 'x86.c'].map((name) => join(root, 'arch/x86/kvm', name));
    for (const path of paths) appendFileSync(path, 'void a(struct kvm_vcpu *vcpu)\n{\n\tkvm_rsp_write(vcpu, 0);\n}\n');
    const changes = paths.map((path) => ({ uri: uriOf(path), type: 2 }));
    client.notify('workspace/didChangeWatchedFiles', { changes });
    client.notify('workspace/didChangeWatchedFiles', { changes });
    await until(() => refreshes() > 0, 'a refresh');
    await lensesOf(client, host);
    expect(refreshes()).toBe(1);
  });

  it('are none where they are off', async () => {
    const client = await testClient({ folders: [sample], options: { settings: { codeLens: { enable: false } } } });
    expect(
      (await client.request<CodeLens[] | null>('textDocument/codeLens', { textDocument: { uri: vmx } })) ?? [],
    ).toEqual([]);
  });
});

function lensesOf(client: Client, uri: string): Promise<CodeLens[]> {
  return client.request('textDocument/codeLens', { textDocument: { uri } });
}

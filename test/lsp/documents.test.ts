import { appendFileSync, renameSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClientCapabilities, Location } from 'vscode-languageserver';
import { describe, expect, it, vi } from 'vitest';
import { positionAt, positionOf, testClient, until, uriOf, type Client } from './client.js';
import { KVM_HOST, sampleCopy, textOf } from './sampleTree.js';

vi.setConfig({ testTimeout: 20_000 });

const CPUID = 'arch/x86/kvm/cpuid.c';
const USE = 'static void use_rsp(struct kvm_vcpu *vcpu)\n{\n\tkvm_rsp_write(vcpu, 0);\n}\n';
const watching: ClientCapabilities = { workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } };

describe("a document's text", () => {
  it("overlays the disk's while it is open", async () => {
    const { client, root, cpuid } = await begun();
    expect(await filesWithRsp(client, root)).not.toContain(CPUID);
    client.open(cpuid, textOf(root, CPUID) + USE);
    expect(await filesWithRsp(client, root)).toContain(CPUID);
    client.close(cpuid);
    expect(await filesWithRsp(client, root)).not.toContain(CPUID);
  });

  it('follows edits of pieces of it', async () => {
    const { client, root, cpuid } = await begun();
    const text = textOf(root, CPUID);
    client.open(cpuid);
    const end = positionAt(text, text.length);
    client.change(cpuid, { start: end, end }, USE.replace('rsp_write', 'rxx_write'));
    expect(await filesWithRsp(client, root)).not.toContain(CPUID);
    const changed = text + USE.replace('rsp_write', 'rxx_write');
    client.change(cpuid, { start: positionOf(changed, 'xx_write'), end: positionOf(changed, '_write(vcpu, 0') }, 'sp');
    expect(await filesWithRsp(client, root)).toContain(CPUID);
  });

  it('counts where its file is not on the disk yet', async () => {
    const { client, root } = await begun();
    const fresh = uriOf(join(root, 'arch/x86/kvm/fresh.c'));
    client.open(fresh, `#include "regs.h"\n\n${USE}`);
    expect(await filesWithRsp(client, root)).toContain('arch/x86/kvm/fresh.c');
    client.close(fresh);
    expect(await filesWithRsp(client, root)).not.toContain('arch/x86/kvm/fresh.c');
  });

  it("counts, whatever becomes of its file on the disk; then the disk's does", async () => {
    const { client, root, cpuid } = await begun(watching);
    client.open(cpuid);
    expect(await filesWithRsp(client, root)).not.toContain(CPUID);
    appendFileSync(join(root, CPUID), USE);
    client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: cpuid, type: 2 }] });
    expect(await filesWithRsp(client, root)).not.toContain(CPUID);
    client.close(cpuid);
    expect(await filesWithRsp(client, root)).toContain(CPUID);
  });
});

describe('a change on the disk', () => {
  it('is seen when a client that watches says so', async () => {
    const { client, root, cpuid } = await begun(watching);
    await until(() => client.said.some(({ method }) => method === 'client/registerCapability'), 'the watchers');
    appendFileSync(join(root, CPUID), USE);
    client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: cpuid, type: 2 }] });
    expect(await filesWithRsp(client, root)).toContain(CPUID);
  });

  it('is seen by every request from a second later on where the client does not watch', async () => {
    const { client, root } = await begun();
    appendFileSync(join(root, CPUID), USE);
    const changed = performance.now();
    let askedInVain = changed;
    await until(async () => {
      const asked = performance.now();
      const isSeen = (await filesWithRsp(client, root)).includes(CPUID);
      if (!isSeen) askedInVain = asked;
      return isSeen;
    }, 'the change');
    expect(askedInVain - changed).toBeLessThanOrEqual(1000);
  });

  it('may be a file moved or removed', async () => {
    const { client, root } = await begun(watching);
    const vmx = join(root, 'arch/x86/kvm/vmx/vmx.c');
    const moved = join(root, 'arch/x86/kvm/vmx/moved.c');
    renameSync(vmx, moved);
    client.notify('workspace/didChangeWatchedFiles', {
      changes: [
        { uri: uriOf(vmx), type: 3 },
        { uri: uriOf(moved), type: 1 },
      ],
    });
    const after = await filesWithRsp(client, root);
    expect(after).toContain('arch/x86/kvm/vmx/moved.c');
    expect(after).not.toContain('arch/x86/kvm/vmx/vmx.c');
    rmSync(moved);
    client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: uriOf(moved), type: 3 }] });
    expect(await filesWithRsp(client, root)).not.toContain('arch/x86/kvm/vmx/moved.c');
  });
});

/** A client of a copy of the sample. */
async function begun(capabilities: ClientCapabilities = {}): Promise<{ client: Client; root: string; cpuid: string }> {
  const root = sampleCopy('load-store-regs');
  const client = await testClient({ folders: [root], capabilities });
  await filesWithRsp(client, root);
  return { client, root, cpuid: uriOf(join(root, CPUID)) };
}

/** The files that the server says RSP is in. */
async function filesWithRsp(client: Client, root: string): Promise<readonly string[]> {
  const found = await client.request<Location[]>('textDocument/references', {
    textDocument: { uri: uriOf(join(root, KVM_HOST)) },
    position: positionOf(textOf(root, KVM_HOST), 'VCPU_REGS_RSP'),
    context: { includeDeclaration: true },
  });
  return [...new Set(found.map(({ uri }) => relative(root, fileURLToPath(uri))))];
}

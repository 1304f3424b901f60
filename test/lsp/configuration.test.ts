import { join } from 'node:path';
import type { ClientCapabilities, Hover } from 'vscode-languageserver';
import { describe, expect, it, vi } from 'vitest';
import { samplePath } from '../samples.js';
import { positionOf, testClient, until, uriOf, type Client } from './client.js';
import { textOf } from './sampleTree.js';

vi.setConfig({ testTimeout: 20_000 });

const sample = samplePath('load-store-regs');
const VMX = 'arch/x86/kvm/vmx/vmx.c';
const place = {
  textDocument: { uri: uriOf(join(sample, VMX)) },
  position: positionOf(textOf(sample, VMX), '[VCPU_REGS_RSP]', 1),
};
const pulling: ClientCapabilities = { workspace: { configuration: true } };

describe('settings', () => {
  it('are asked for where the client has an answer, and again when they change', async () => {
    let settings = {};
    const client = await testClient({ folders: [sample], capabilities: pulling, configuration: () => settings });
    expect(await hoverText(client)).toMatch(/^RSP: /);
    settings = { hover: { enable: false } };
    client.notify('workspace/didChangeConfiguration', { settings: null });
    await until(async () => (await hoverText(client)) === null, 'no hover');
    settings = { backends: ['svm'] };
    client.notify('workspace/didChangeConfiguration', { settings: null });
    await until(async () => (await hoverText(client)) !== null, 'a hover');
    expect(backendsOf(await hoverText(client))).toEqual(['SVM']);
  });

  it('are taken from the notification where the client has no answer', async () => {
    const client = await testClient({ folders: [sample] });
    expect(backendsOf(await hoverText(client))).toEqual(['VMX', 'SVM', 'SEV-ES', 'TDX']);
    client.notify('workspace/didChangeConfiguration', { settings: { kvmRegs: { backends: ['svm'] } } });
    expect(backendsOf(await hoverText(client))).toEqual(['SVM']);
    client.notify('workspace/didChangeConfiguration', { settings: { kvmRegs: { 'hover.enable': false } } });
    expect(await hoverText(client)).toBeNull();
  });

  it('are taken from the beginning where the client gives them then', async () => {
    const client = await testClient({ folders: [sample], options: { settings: { hover: { enable: false } } } });
    expect(await hoverText(client)).toBeNull();
  });

  it('of a wrong type are as if not given', async () => {
    const client = await testClient({ folders: [sample] });
    client.notify('workspace/didChangeConfiguration', {
      settings: { kvmRegs: { hover: { enable: 'no' }, backends: 1 } },
    });
    expect(backendsOf(await hoverText(client))).toHaveLength(4);
  });
});

async function hoverText(client: Client): Promise<string | null> {
  // Waits for the index, so that the hover is no early one.
  await client.request('kvmRegs/explain', place);
  const hover = await client.request<Hover | null>('textDocument/hover', place);
  return hover && (hover.contents as { value: string }).value;
}

/** The backends that begin the lines of a hover. */
function backendsOf(text: string | null): readonly string[] {
  return (text ?? '').split('\n').flatMap((line) => /^(?:VMX|SVM|SEV-ES|TDX)(?= )/.exec(line.trim())?.[0] ?? []);
}

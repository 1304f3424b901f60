import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Page, RegisterPlaces, TreePageKind } from '../../protocol/protocol.js';
import { samplePath } from '../samples.js';
import { positionOf, testClient, uriOf } from './client.js';
import { textOf } from './sampleTree.js';

const sample = samplePath('load-store-regs');
const VMX = 'arch/x86/kvm/vmx/vmx.c';

describe('a page about a tree', () => {
  const pageOf = async (kind: TreePageKind, path = sample) => {
    const client = await testClient({ folders: [sample] });
    return client.request<Page | null>('kvmRegs/treePage', { kind, uri: uriOf(path) });
  };

  it.each(['xsave', 'check', 'apx'] as const)('%s has links to files that are there', async (kind) => {
    const page = await pageOf(kind);
    expect(page?.root).toBe(uriOf(sample));
    const links = [...(page?.markdown ?? '').matchAll(/(?:\]\(|^\[[^\]]+\]: )([^)\s]+)#L\d+/gm)];
    const files = links.map(([, file]) => file ?? '');
    if (kind !== 'check') expect(files.length).toBeGreaterThan(10); // a clean tree has no finding
    for (const file of files) expect(existsSync(join(sample, decodeURI(file))), file).toBe(true);
  });

  it('is there for a file of the tree that has no register, and for none outside', async () => {
    expect((await pageOf('check', join(sample, 'Makefile')))?.markdown).toContain('rules find nothing');
    expect(await pageOf('xsave', '/')).toBeNull();
  });
});

it('a register has its references by what they do, and its owners by direction', async () => {
  const client = await testClient({ folders: [sample] });
  const uri = uriOf(join(sample, VMX));
  const statement = '[VCPU_REGS_RSP] = vmcs_readl(GUEST_RSP)';
  const ask = (kind: string, word = 'VCPU_REGS_RSP') =>
    client.request<RegisterPlaces | null>('kvmRegs/registerPlaces', {
      kind,
      textDocument: { uri },
      position: positionOf(textOf(sample, VMX), statement, statement.indexOf(word)),
    });
  const references = await ask('references');
  expect(references?.register).toBe('RSP');
  const written = references?.groups.find(({ label }) => label === 'Written');
  expect(written?.places.map(({ name }) => name)).toContain('vmx/vmx.c:36');
  const owners = await ask('owners');
  const [vmx] = owners?.groups ?? [];
  expect(vmx?.label).toMatch(/^VMX: lazy, GUEST_RSP/);
  expect(vmx?.groups.map(({ label }) => label)).toEqual(['Into the register cache', 'Back out of it']);
  // Where it is while the guest runs, and what reads it from there, lead to the same.
  for (const word of ['GUEST_RSP', 'vmcs_readl'])
    expect([await ask('references', word), await ask('owners', word)]).toEqual([references, owners]);
});

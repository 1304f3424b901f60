import { appendFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CodeLens } from 'vscode-languageserver';
import { expect, it, vi } from 'vitest';
import { temporaryTree } from '../tree/temporaryTree.js';
import { testClient, uriOf } from './client.js';
import { sampleCopy } from './sampleTree.js';

vi.setConfig({ testTimeout: 60_000 });

const VMX = 'arch/x86/kvm/vmx/vmx.c';

function isWritten(directory: string): boolean {
  return existsSync(directory) && readdirSync(directory).some((name) => /^[0-9a-f]{64}$/.test(name));
}

/** What a server of its own says of a tree: lenses with their titles. It has written to `directory` then; null: to none. */
async function lensesOf(
  root: string,
  options: unknown,
  environment: Readonly<Record<string, string>>,
  directory: string | null = null,
): Promise<string> {
  const client = await testClient({ folders: [root], options, environment });
  const textDocument = { uri: uriOf(join(root, VMX)) };
  const lenses = await client.request<CodeLens[]>('textDocument/codeLens', { textDocument });
  const titled = await Promise.all(lenses.map((lens) => client.request<CodeLens>('codeLens/resolve', lens)));
  // What is kept is written when nobody waits for an answer.
  if (directory !== null) await vi.waitUntil(() => isWritten(directory), { timeout: 30_000, interval: 100 });
  await client.end();
  return JSON.stringify(titled);
}

const KEEPING = { KVM_REGS_CACHE_LIMIT: '10' };

it('keeps what it read where the client has room for that, and answers by it as without, whatever changed meanwhile', async () => {
  const root = sampleCopy('load-store-regs');
  const before = readdirSync(root, { recursive: true });
  const cacheDirectory = join(temporaryTree({}), 'storage');
  const fresh = await lensesOf(root, {}, { KVM_REGS_CACHE_LIMIT: '0' });
  expect(await lensesOf(root, { cacheDirectory }, KEEPING, cacheDirectory)).toBe(fresh);
  const kept = readdirSync(cacheDirectory);
  expect(kept).toHaveLength(1);
  expect(await lensesOf(root, { cacheDirectory }, KEEPING)).toBe(fresh);
  expect(readdirSync(cacheDirectory)).toEqual(kept);
  appendFileSync(
    join(root, VMX),
    '\nvoid more(struct kvm_vcpu *vcpu)\n{\n\tkvm_rsp_write(vcpu, vmcs_readl(GUEST_RSP));\n}\n',
  );
  expect(await lensesOf(root, { cacheDirectory }, KEEPING)).toBe(
    await lensesOf(root, {}, { KVM_REGS_CACHE_LIMIT: '0' }),
  );
  for (const name of kept) writeFileSync(join(cacheDirectory, name), '{}');
  expect(await lensesOf(root, { cacheDirectory }, KEEPING)).toBe(
    await lensesOf(root, {}, { KVM_REGS_CACHE_LIMIT: '0' }),
  );
  expect(readdirSync(root, { recursive: true })).toEqual(before);
});

it("uses the platform's directory where the client names none", async () => {
  const directory = temporaryTree({});
  const own = join(directory, 'kvm-regs');
  await lensesOf(sampleCopy('load-store-regs'), {}, { ...KEEPING, XDG_CACHE_HOME: directory }, own);
  expect(readdirSync(own)).toHaveLength(1);
});

it.each([
  ['the setting is off', { settings: { cache: { enable: false } } }, KEEPING],
  ['the limit is 0', {}, { KVM_REGS_CACHE_LIMIT: '0' }],
  ['the limit is no number', {}, { KVM_REGS_CACHE_LIMIT: 'many' }],
])('keeps nothing where %s', async (_, options, environment) => {
  const cacheDirectory = join(temporaryTree({}), 'storage');
  await lensesOf(sampleCopy('load-store-regs'), { ...options, cacheDirectory }, environment);
  expect(existsSync(cacheDirectory)).toBe(false);
});

it('keeps nothing in the tree itself', async () => {
  const root = sampleCopy('load-store-regs');
  const before = readdirSync(root, { recursive: true });
  await lensesOf(root, { cacheDirectory: join(root, 'storage') }, KEEPING);
  expect(readdirSync(root, { recursive: true })).toEqual(before);
});

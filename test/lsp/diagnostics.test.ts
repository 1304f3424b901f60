import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClientCapabilities, CodeAction, Diagnostic, PublishDiagnosticsParams } from 'vscode-languageserver';
import { describe, expect, it, vi } from 'vitest';
import { samplePath } from '../samples.js';
import { positionOf, testClient, until, uriOf, type Client } from './client.js';
import { sampleCopy, textOf } from './sampleTree.js';

vi.setConfig({ testTimeout: 20_000 });

const VMX = 'arch/x86/kvm/vmx/vmx.c';
const EMULATOR = 'arch/x86/kvm/kvm_emulate.h';
const sample = samplePath('load-store-regs');
const related: ClientCapabilities = { textDocument: { publishDiagnostics: { relatedInformation: true } } };

/** A server whose client's settings in section `kvmRegs.check` are these. */
const checking = (root: string, check: unknown, capabilities: ClientCapabilities = {}): Promise<Client> =>
  testClient({ folders: [root], capabilities, options: { settings: { check } } });

/** A server that speaks of the tracking rules only: what a client has that asks for nothing, in a tree without code for R16-R31. */
const tracking = (root: string, capabilities: ClientCapabilities = {}): Promise<Client> =>
  testClient({ folders: [root], capabilities });

/** The statement of the sample that empties the lazy registers' availability, and the same with the set inverted. */
const CLEAR = 'kvm_clear_available_registers(vcpu, VMX_REGS_LAZY_LOAD_SET)';
const INVERTED = 'kvm_clear_available_registers(vcpu, ~VMX_REGS_LAZY_LOAD_SET)';

describe('diagnostics', () => {
  it('are published for what is open, with rule, page and what else shows it', async () => {
    const client = await tracking(sample, related);
    const text = textOf(sample, VMX);
    expect(text).toContain(CLEAR);
    client.open(uriOf(join(sample, VMX)), text.replace(CLEAR, INVERTED));
    const [found] = await published(client, VMX, (all) => all.length > 0);
    expect(found?.range.start).toEqual(positionOf(text, 'VMX_REGS_LAZY_LOAD_SET)', 1));
    expect(found).toMatchObject({ source: 'kvm-regs', code: 'tracking/set-inverted', severity: 2 });
    const [page, rule] = (found?.codeDescription?.href ?? '').split('#');
    expect(existsSync(fileURLToPath(page ?? ''))).toBe(true);
    expect(rule).toBe('trackingset-inverted');
    expect(found?.relatedInformation?.length).toBeGreaterThan(0);
    for (const { location, message } of found?.relatedInformation ?? []) {
      expect(location.uri).toMatch(/^file:.*\.[chS]$/);
      expect(message).not.toBe('');
    }
  });

  it('go when the text is right, and when the document is closed without it being saved', async () => {
    const client = await tracking(sample);
    const uri = uriOf(join(sample, VMX));
    const wrong = textOf(sample, VMX).replace(CLEAR, INVERTED);
    client.open(uri, wrong);
    await published(client, VMX, (all) => all.length > 0);
    const start = positionOf(wrong, '~VMX_REGS_LAZY_LOAD_SET');
    client.change(uri, { start, end: { ...start, character: start.character + 1 } }, '');
    await published(client, VMX, (all) => all.length === 0);
    client.change(uri, { start, end: start }, '~');
    await published(client, VMX, (all) => all.length > 0);
    client.close(uri);
    await published(client, VMX, (all) => all.length === 0);
  });

  it('of a file stay when it is closed, and are there before it is opened', async () => {
    const root = sampleCopy('load-store-regs');
    writeFileSync(join(root, VMX), textOf(root, VMX).replace(CLEAR, INVERTED));
    const client = await tracking(root);
    const isFound = (all: readonly Diagnostic[]) => all.length === 1;
    await published(client, VMX, isFound);
    const uri = uriOf(join(root, VMX));
    client.open(uri);
    await client.request('textDocument/codeLens', { textDocument: { uri } });
    client.close(uri);
    // What is published is in order: the other file's diagnostics come after what the closing has changed.
    client.open(uriOf(join(root, EMULATOR)));
    client.notify('workspace/didChangeConfiguration', { settings: { kvmRegs: { check: { apxReadiness: 'on' } } } });
    await published(client, EMULATOR, (all) => all.length > 0);
    expect((await published(client, VMX, () => true)).map(({ code }) => code)).toContain('tracking/set-inverted');
  });

  it('on APX readiness are not shown until they are asked for, or the tree moves R16-R31', async () => {
    const isReadiness = ({ code }: Diagnostic) => String(code).startsWith('apx/');
    const client = await testClient({ folders: [sample, samplePath('apx-series')] });
    const withEgprs = await published(client, 'apx-series/arch/x86/kvm/smm.c', (all) => all.some(isReadiness));
    expect(withEgprs.filter(isReadiness).every(({ severity }) => severity === 3)).toBe(true);
    expect(client.said.filter(({ params }) => JSON.stringify(params).includes(`load-store-regs/${EMULATOR}`))).toEqual(
      [],
    );
    const set = (check: unknown) => {
      client.notify('workspace/didChangeConfiguration', { settings: { kvmRegs: { check } } });
    };
    set({ apxReadiness: 'on' });
    await published(client, EMULATOR, (all) => all.some(isReadiness));
    set({ apxReadiness: 'off' });
    await published(client, 'apx-series/arch/x86/kvm/smm.c', (all) => !all.some(isReadiness));
  });

  it('of a file change with an edit of another', async () => {
    const client = await checking(sample, { apxReadiness: 'on' });
    const user = 'arch/x86/kvm/emulate.c';
    client.open(uriOf(join(sample, user)));
    const isBound = ({ code }: Diagnostic) => code === 'apx/bound';
    await published(client, user, (all) => all.some(isBound));
    const text = textOf(sample, EMULATOR);
    client.open(uriOf(join(sample, EMULATOR)), text.replace(/(NR_EMULATOR_GPRS\s+)16/, '$132'));
    await published(client, user, (all) => !all.some(isBound));
  });

  it('are shown as settings say: another severity, none of a family, none at all', async () => {
    const client = await checking(sample, { apxReadiness: 'on' });
    client.open(uriOf(join(sample, EMULATOR)));
    const set = (check: unknown) => {
      client.notify('workspace/didChangeConfiguration', { settings: { kvmRegs: { check } } });
    };
    const [first] = await published(client, EMULATOR, (all) => all.length > 0);
    expect(String(first?.code)).toMatch(/^apx\//);
    set({ severity: { apx: 'warning' } });
    await published(client, EMULATOR, (all) => all.length > 0 && all.every(({ severity }) => severity === 2));
    set({ severity: { apx: 'off' } });
    await published(client, EMULATOR, (all) => all.length === 0);
    set({ severity: { apx: 'off', [String(first?.code)]: 'hint' } });
    await published(client, EMULATOR, (all) => all.length > 0 && all.every(({ code }) => code === first?.code));
    set({ enable: false });
    await published(client, EMULATOR, (all) => all.length === 0);
  });

  it('say nothing of a document that is in no tree', async () => {
    const client = await checking(sample, { apxReadiness: 'on' });
    client.open('file:///nowhere/vmx.c', 'int reg = (info >> 28) & 0xf;\n');
    client.open(uriOf(join(sample, EMULATOR)));
    await published(client, EMULATOR, (all) => all.length > 0);
    expect(client.said.filter(({ params }) => JSON.stringify(params).includes('nowhere'))).toEqual([]);
  });

  it('are silenced by a comment that a quick fix writes', async () => {
    const root = sampleCopy('load-store-regs');
    const client = await tracking(root);
    const uri = uriOf(join(root, VMX));
    client.open(uri, textOf(root, VMX).replace(CLEAR, INVERTED));
    const [finding] = await published(client, VMX, (all) => all.length > 0);
    const range = finding?.range;
    const actions = await client.request<CodeAction[]>('textDocument/codeAction', {
      textDocument: { uri },
      range,
      context: { diagnostics: [finding] },
    });
    expect(actions.map(({ title }) => title)).toEqual([
      'Remove the ~',
      'Ignore tracking/set-inverted here, by a comment',
    ]);
    const [edit] = actions.at(-1)?.edit?.changes?.[uri] ?? [];
    expect(edit?.newText).toBe('\t/* kvm-regs-ignore: tracking/set-inverted */\n');
    if (edit) client.change(uri, edit.range, edit.newText);
    await published(client, VMX, (all) => all.length === 0);
  });

  it('go by a quick fix that mends, and their rule or family is turned off by a command of the client', async () => {
    const root = sampleCopy('load-store-regs');
    const commands = { setSeverity: 'client.setSeverity' };
    const client = await testClient({ folders: [root], options: { commands } });
    const uri = uriOf(join(root, VMX));
    const text = `${textOf(root, VMX)}
void fixture(struct kvm_vcpu *vcpu)
{
	vcpu->arch.regs[VCPU_REGS_RSP] = 1;
}
unsigned long stale(struct kvm_vcpu *vcpu)
{
	return vcpu->arch.regs[VCPU_REGS_RSP];
}
`;
    client.open(uri, text);
    const all = await published(client, VMX, (found) => found.length === 2);
    const actionsOf = (code: string) => {
      const finding = all.find((one) => one.code === code);
      const asked = { textDocument: { uri }, range: finding?.range, context: { diagnostics: [finding] } };
      return client.request<CodeAction[]>('textDocument/codeAction', asked);
    };
    const written = await actionsOf('tracking/not-marked-dirty');
    expect(written.map(({ title }) => title)).toEqual([
      'Write it by kvm_rsp_write()',
      'Mark VCPU_REGS_RSP dirty',
      'Turn off tracking/not-marked-dirty in settings',
      'Turn off all of tracking in settings',
      'Ignore tracking/not-marked-dirty here, by a comment',
    ]);
    expect(written[0]).toMatchObject({ isPreferred: true });
    expect(written[3]?.command).toMatchObject({ command: 'client.setSeverity', arguments: ['tracking', 'off'] });
    expect(written[0]?.edit?.changes?.[uri]?.[0]?.newText).toBe('kvm_rsp_write(vcpu, 1);');
    expect(written[1]?.edit?.changes?.[uri]?.[0]?.newText).toBe('\n\tkvm_register_mark_dirty(vcpu, VCPU_REGS_RSP);');
    const [read] = await actionsOf('tracking/stale-read');
    for (const { range, newText } of [read, written[1]].flatMap((action) => action?.edit?.changes?.[uri] ?? []))
      client.change(uri, range, newText);
    await published(client, VMX, (found) => found.length === 0);
  });

  it("offers nothing for another server's diagnostics", async () => {
    const client = await testClient({ folders: [sample] });
    const uri = uriOf(join(sample, VMX));
    client.open(uri);
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
    const diagnostics: Diagnostic[] = [{ range, message: 'unused include', source: 'clangd', code: 'x' }];
    const asked = { textDocument: { uri }, range, context: { diagnostics } };
    expect(await client.request('textDocument/codeAction', asked)).toEqual([]);
  });
});

/** The last diagnostics of a file, once they are as wanted. */
async function published(
  client: Client,
  file: string,
  isWanted: (diagnostics: readonly Diagnostic[]) => boolean,
): Promise<readonly Diagnostic[]> {
  const last = () =>
    client.said
      .filter(({ method }) => method === 'textDocument/publishDiagnostics')
      .map(({ params }) => params as PublishDiagnosticsParams)
      .findLast(({ uri }) => uri.endsWith(file))?.diagnostics;
  await until(() => {
    const diagnostics = last();
    return diagnostics !== undefined && isWanted(diagnostics);
  }, `the diagnostics of ${file}`);
  return last() ?? [];
}

import { join } from 'node:path';
import { CancellationTokenSource, RequestType } from 'vscode-jsonrpc/node';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ClientCapabilities, CodeLens, Hover, HoverParams, Position } from 'vscode-languageserver';
import type { AnswerOptions } from '../../server/src/lsp/answerOptions.js';
import { startEngine } from '../../server/src/lsp/engine/engineClient.js';
import { AddFolder, TreesRead, type Ask } from '../../server/src/lsp/engine/engineProtocol.js';
import { samplePath } from '../samples.js';
import { positionOf, program, testClient, treesRead, until, uriOf, type Client } from './client.js';
import { textOf } from './sampleTree.js';

vi.setConfig({ testTimeout: 20_000 });

const sample = samplePath('load-store-regs');
const VMX = 'arch/x86/kvm/vmx/vmx.c';
const uri = uriOf(join(sample, VMX));
const text = textOf(sample, VMX);
const rsp = positionOf(text, '[VCPU_REGS_RSP]', 1);
const top: Position = { line: 0, character: 0 };

describe('while a tree is read for the first time', () => {
  it('a hover tells what its file alone shows', async () => {
    const client = await testClient({ folders: [sample] });
    client.open(uri);
    const early = await hoverAt(client, rsp);
    expect(early?.contents).toMatchObject({ value: expect.stringMatching(/^RSP: .*\n.*still being read/s) as string });
    expect(early?.range?.start).toEqual(rsp);
    await treesRead(client);
    expect((await hoverAt(client, rsp))?.contents).toMatchObject({ value: expect.stringMatching(/SVM/) as string });
  });
});

describe('while a tree is read again', () => {
  it('a hover is answered as before, on the lines where things are now', async () => {
    const { client, lenses, readings } = await started();
    const before = readings();
    client.change(uri, { start: top, end: top }, '\n\n');
    const reading = lenses();
    const below = { ...rsp, line: rsp.line + 2 };
    const early = await hoverAt(client, below);
    expect(readings()).toBe(before);
    expect(early?.range?.start).toEqual(below);
    await reading;
    expect(readings()).toBe(before + 1);
    expect(early).toEqual(await hoverAt(client, below));
  });

  it('a hover on what was edited waits, and speaks of that', async () => {
    const { client, lenses, readings } = await started();
    const before = readings();
    client.change(
      uri,
      { start: rsp, end: { ...rsp, character: rsp.character + 'VCPU_REGS_RSP'.length } },
      'VCPU_REGS_RBX',
    );
    const reading = lenses();
    const hover = await hoverAt(client, rsp);
    expect(readings()).toBe(before + 1);
    expect(hover?.contents).toMatchObject({ value: expect.stringMatching(/^RBX: /) as string });
    await reading;
  });

  it('each request is answered for the text that it was made for', async () => {
    const { client, lenses } = await started();
    const [first] = await lenses();
    const line = first?.range.start.line ?? 0;
    const hovers: Promise<Hover | null>[] = [];
    const shown: ReturnType<typeof lenses>[] = [];
    for (let i = 1; i <= 5; i++) {
      client.change(uri, { start: top, end: top }, '\n');
      shown.push(lenses());
      hovers.push(hoverAt(client, { ...rsp, line: rsp.line + i }));
    }
    const lines = (await Promise.all(shown)).map(([lens]) => lens?.range.start.line);
    expect(lines).toEqual([1, 2, 3, 4, 5].map((i) => line + i));
    const ranges = (await Promise.all(hovers)).map((hover) => hover?.range?.start.line);
    expect(ranges).toEqual([1, 2, 3, 4, 5].map((i) => rsp.line + i));
  });
});

describe('while a tree is read again, for a client that asks for lenses anew when it is told to', () => {
  const capabilities: ClientCapabilities = { workspace: { codeLens: { refreshSupport: true } } };
  const refreshes = ({ said }: Client) => said.filter(({ method }) => method === 'workspace/codeLens/refresh').length;

  it('lenses are answered as before, on the lines where things are now, and not asked for again', async () => {
    const { client, lenses, readings } = await started(capabilities);
    const before = readings();
    client.change(uri, { start: top, end: top }, '\n\n');
    const early = await lenses();
    expect(readings()).toBe(before);
    await until(() => readings() > before, 'the reading');
    expect(early).toEqual(await lenses());
    expect(refreshes(client)).toBe(0);
  });

  it('lenses that the edit makes say something else are asked for again', async () => {
    const { client, lenses, readings } = await started(capabilities);
    const before = await lenses();
    const use =
      '\nvoid added(struct kvm_vcpu *vcpu)\n{\n\tvcpu->arch.regs[VCPU_REGS_RSP] = vmcs_readl(GUEST_RSP);\n}\n';
    const end = { line: text.split('\n').length, character: 0 };
    const read = readings();
    client.change(uri, { start: end, end }, use);
    expect(await lenses()).toEqual(before);
    expect(readings()).toBe(read);
    await until(() => refreshes(client) > 0, 'a refresh');
    expect((await lenses()).length).toBeGreaterThan(before.length);
  });

  it('lenses wait where the line of one was edited', async () => {
    const { client, lenses, readings } = await started(capabilities);
    const [first] = await lenses();
    const before = readings();
    const at = first?.range.start ?? top;
    client.change(uri, { start: { ...at, character: 0 }, end: { ...at, character: 0 } }, '  ');
    const after = await lenses();
    expect(readings()).toBe(before + 1);
    expect(after[0]?.range.start).toEqual({ ...at, character: at.character + 2 });
  });

  it('edits in a row are read once where they have come to rest', async () => {
    const { client, lenses, readings } = await started(capabilities);
    const before = readings();
    const [first] = await lenses();
    const shown: ReturnType<typeof lenses>[] = [];
    for (let i = 1; i <= 20; i++) {
      client.change(uri, { start: top, end: top }, '\n');
      shown.push(lenses());
    }
    const lines = (await Promise.all(shown)).map(([lens]) => lens?.range.start.line);
    expect(lines).toEqual(shown.map((_, i) => (first?.range.start.line ?? 0) + i + 1));
    await client.request('workspace/symbol', { query: 'x' });
    expect(readings() - before).toBeLessThan(shown.length / 2);
  });
});

describe('while a tree is checked', () => {
  it('a hover is answered, and a check that is cancelled ends', async () => {
    const { ask, isAnswered } = await startedEngine();
    const checking = ask('diagnostics', [uri]);
    const cancelling = new CancellationTokenSource();
    const cancelled = ask('diagnostics', [uri], cancelling);
    const hover = await ask('textDocument/hover', { uri, position: rsp });
    expect(hover).toMatchObject({ range: { start: rsp } });
    expect(isAnswered(checking)).toBe(false);
    cancelling.cancel();
    await expect(cancelled).rejects.toMatchObject({ code: -32800 });
    expect(await checking).toMatchObject({ documents: [{ uri }], standing: [] });
  });
});

/** A client of the sample, which is read; nothing is checked beside what is asked. */
async function started(capabilities: ClientCapabilities = {}) {
  const options = { settings: { check: { enable: false } } };
  const client = await testClient({ folders: [sample], capabilities, options });
  client.open(uri);
  const lenses = () => client.request<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } });
  await lenses();
  return { client, lenses, readings: () => client.said.filter(({ method }) => method === 'kvmRegs/status').length };
}

function hoverAt(client: Client, position: Position): Promise<Hover | null> {
  const params: HoverParams = { textDocument: { uri }, position };
  return client.request('textDocument/hover', params);
}

const OPTIONS: AnswerOptions = {
  encoding: 'utf-16',
  isMarkdown: false,
  hasCommandLinks: false,
  setSeverity: null,
  hasRelatedInformation: false,
  refreshesLenses: false,
  settings: {},
};

/** The server's engine in its thread, with the sample read. */
async function startedEngine() {
  const failures: Error[] = [];
  const engine = startEngine(new URL('./engine.js', uriOf(program)), (error) => failures.push(error));
  onTestFinished(async () => {
    await engine.stop();
    expect(failures).toEqual([]);
  });
  const read = new Promise((resolve) => engine.connection.onNotification(TreesRead, resolve));
  engine.connection.listen();
  engine.notify(AddFolder, { path: sample });
  await read;
  const answered = new Set<Promise<unknown>>();
  const ask = (method: string, question: unknown, cancelling?: CancellationTokenSource) => {
    const request = new RequestType<Ask<unknown>, unknown, void>(method);
    const params = { question, options: OPTIONS, isUnwatched: false };
    const answer = engine.connection.sendRequest(request, params, cancelling?.token);
    answer.then(
      () => answered.add(answer),
      () => answered.add(answer),
    );
    return answer;
  };
  return { ask, isAnswered: (answer: Promise<unknown>) => answered.has(answer) };
}

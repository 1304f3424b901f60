import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import {
  createMessageConnection,
  ErrorCodes,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { samplePath } from '../samples.js';
import { bash } from '../cli/program.js';
import { exitCode, program, testClient, uriOf } from './client.js';
import { textOf } from './sampleTree.js';

vi.setConfig({ testTimeout: 30_000 });

const sample = samplePath('load-store-regs');
const initialize = { processId: null, rootUri: null, capabilities: {} };
const nowhere = { textDocument: { uri: 'file:///nowhere/x.c' }, position: { line: 0, character: 0 } };

/** A server to which nothing was said yet. */
function silentServer(): { readonly server: ChildProcess; readonly connection: MessageConnection } {
  const server = spawn(process.execPath, [program, 'lsp', '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void server.kill('SIGKILL'));
  const connection = createMessageConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  connection.onClose(() => {
    connection.dispose();
  });
  connection.listen();
  return { server, connection };
}

describe('the life of a session', () => {
  it('begins with initialize: what comes before is refused, or dropped', async () => {
    const { connection } = silentServer();
    const refused = { code: ErrorCodes.ServerNotInitialized };
    await connection.sendNotification('textDocument/didOpen', {});
    await expect(connection.sendRequest('textDocument/hover', nowhere)).rejects.toMatchObject(refused);
    await expect(connection.sendRequest('shutdown')).rejects.toMatchObject(refused);
    expect(await connection.sendRequest('initialize', initialize)).toHaveProperty('capabilities');
    expect(await connection.sendRequest('textDocument/hover', nowhere)).toBeNull();
  });

  it('has one initialize', async () => {
    const { connection } = silentServer();
    await connection.sendRequest('initialize', initialize);
    await expect(connection.sendRequest('initialize', initialize)).rejects.toMatchObject({
      code: ErrorCodes.InvalidRequest,
    });
    expect(await connection.sendRequest('textDocument/hover', nowhere)).toBeNull();
  });

  it('serves nothing after shutdown, and exit ends it with 0', async () => {
    const { server, connection } = silentServer();
    await connection.sendRequest('initialize', initialize);
    await connection.sendRequest('shutdown');
    const refused = { code: ErrorCodes.InvalidRequest };
    await expect(connection.sendRequest('textDocument/hover', nowhere)).rejects.toMatchObject(refused);
    await expect(connection.sendRequest('shutdown')).rejects.toMatchObject(refused);
    await connection.sendNotification('exit');
    expect(await exitCode(server)).toBe(0);
  });

  it('that is ended by exit alone ends with 1', async () => {
    const { server, connection } = silentServer();
    await connection.sendNotification('exit');
    expect(await exitCode(server)).toBe(1);
  });

  it('answers parameters that are not those of the protocol with InvalidParams, and no stack', async () => {
    const { connection } = silentServer();
    await connection.sendRequest('initialize', initialize);
    const document = { uri: uriOf(join(sample, 'arch/x86/kvm/vmx/vmx.c')) };
    const wrong: readonly (readonly [method: string, params: unknown])[] = [
      ...[undefined, null, [], 5, {}, { textDocument: null }, { textDocument: document }].map(
        (params) => ['textDocument/hover', params] as const,
      ),
      ...[null, {}, { line: -1, character: 0 }, { line: 0, character: 0.5 }, { line: '0', character: 0 }].map(
        (position) => ['textDocument/references', { textDocument: document, position }] as const,
      ),
      ['textDocument/hover', { textDocument: { uri: 5 }, position: { line: 0, character: 0 } }],
      ['textDocument/codeLens', { textDocument: { uri: null } }],
      ['textDocument/codeAction', { textDocument: document, context: { diagnostics: null } }],
      ['workspace/symbol', {}],
      ['workspace/symbol', { query: null }],
      ['kvmRegs/treePage', null],
      ['kvmRegs/treePage', { kind: 'check', uri: 5 }],
      ['codeLens/resolve', null],
      ['workspace/executeCommand', [null]],
    ];
    for (const [method, params] of wrong) {
      const error = connection.sendRequest(method, params);
      await expect(error).rejects.toMatchObject({ code: ErrorCodes.InvalidParams });
      await expect(error).rejects.not.toHaveProperty('message', expect.stringMatching(/\n| at |\.js/));
    }
    expect(await connection.sendRequest('textDocument/hover', nowhere)).toBeNull();
  });

  it('starts with capabilities only', async () => {
    const { connection } = silentServer();
    for (const params of [null, 5, {}, { ...initialize, capabilities: null }])
      await expect(connection.sendRequest('initialize', params)).rejects.toMatchObject({
        code: ErrorCodes.InvalidParams,
      });
    expect(await connection.sendRequest('initialize', initialize)).toHaveProperty('capabilities');
  });

  it('goes on after what is no message, however deep', async () => {
    const { connection, server } = silentServer();
    await connection.sendRequest('initialize', initialize);
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    const request = `{"jsonrpc":"2.0","id":"deep","method":"textDocument/hover","params":${deep}}`;
    const notification = `{"jsonrpc":"2.0","method":"workspace/didChangeConfiguration","params":{"settings":${deep}}}`;
    for (const body of [deep, `{"result":${deep}}`, notification, request, '5', 'null', '{}'])
      server.stdin?.write(`Content-Length: ${String(body.length)}\r\n\r\n${body}`);
    expect(await connection.sendRequest('textDocument/hover', nowhere)).toBeNull();
  });

  it('ends while a tree is read and hovers wait', async () => {
    const client = await testClient({ folders: [sample] });
    const uri = uriOf(join(sample, 'arch/x86/kvm/vmx/vmx.c'));
    const many = 'static int f(struct kvm_vcpu *vcpu)\n{\n\treturn kvm_rax_read(vcpu) + vcpu->arch.cr0;\n}\n'.repeat(
      20_000,
    );
    client.open(uri, textOf(sample, 'arch/x86/kvm/vmx/vmx.c') + many);
    let isAnswered = false;
    const position = { line: 2, character: 20 };
    const hover = client.request('textDocument/hover', { textDocument: { uri }, position }).then(
      () => (isAnswered = true),
      () => undefined,
    );
    expect(await client.end()).toBe(0);
    expect(isAnswered).toBe(false);
    await hover;
  });
});

describe('a transport', () => {
  it('--socket is where the client listens; a client that goes takes the server with it', async () => {
    const listening = createServer();
    listening.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    onTestFinished(() => void listening.close());
    const { port } = listening.address() as AddressInfo;
    const server = spawn(process.execPath, [program, 'lsp', `--socket=${port}`], { stdio: 'inherit' });
    onTestFinished(() => void server.kill('SIGKILL'));
    const [socket] = (await once(listening, 'connection')) as [Socket];
    const connection = createMessageConnection(new StreamMessageReader(socket), new StreamMessageWriter(socket));
    connection.onClose(() => {
      connection.dispose();
    });
    connection.listen();
    expect(await connection.sendRequest('initialize', initialize)).toHaveProperty('capabilities');
    socket.destroy();
    expect(await exitCode(server)).toBe(1);
  });

  it.each([
    ['--socket=1', /^kvm-regs: lsp no client at port 1 of localhost: .*ECONNREFUSED.*\n$/],
    ['--socket=x', /^kvm-regs: lsp --socket wants a port, not 'x'\n$/],
    ['--pipe=/nowhere/pipe', /^kvm-regs: lsp no client at \/nowhere\/pipe: .*ENOENT.*\n$/],
    ['--node-ipc', /^kvm-regs: lsp --node-ipc: there is no IPC channel; .*\n$/],
  ])('%s without a client is an error in one line', (option, message) => {
    const { status, stderr } = bash(`kvm-regs lsp ${option}`);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });
});

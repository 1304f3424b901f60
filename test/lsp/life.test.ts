import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { samplePath } from '../samples.js';
import { exitCode, program, testClient, until, uriOf } from './client.js';

vi.setConfig({ testTimeout: 20_000 });

const sample = samplePath('load-store-regs');

describe('a server ends', () => {
  it('with code 0 after shutdown and exit', async () => {
    const client = await testClient({ folders: [sample] });
    expect(await client.end()).toBe(0);
  });

  it('when its standard input is closed', async () => {
    const { server } = await testClient({ folders: [sample] });
    server.stdin?.end();
    expect(await exitCode(server)).not.toBeNull();
  });

  it('when the process that the client names is dead', async () => {
    const other = spawn(process.execPath, ['-e', '']);
    await once(other, 'exit');
    const { server } = await testClient({ processId: other.pid ?? null });
    expect(await exitCode(server)).not.toBeNull();
  });

  it('when the process that started it is killed', async () => {
    const script = `
      const args = [${JSON.stringify(program)}, 'lsp', '--stdio'];
      console.log(require('node:child_process').spawn(process.execPath, args).pid);
      setInterval(() => undefined, 1000);`;
    const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
    const server = Number(printed.toString());
    expect(isAlive(server)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !isAlive(server), 'the end of the server');
  });
});

describe('a request that is cancelled', () => {
  it('ends with RequestCancelled, and others are answered', async () => {
    const client = await testClient({ folders: [sample] });
    const textDocument = { uri: uriOf(join(sample, 'arch/x86/kvm/vmx/vmx.c')) };
    const cancelling = new CancellationTokenSource();
    const cancelled = client.request('textDocument/codeLens', { textDocument }, cancelling.token);
    const other = client.request<unknown[]>('textDocument/codeLens', { textDocument });
    // Answered without the tree, while that is being read for the others.
    await client.request('codeLens/resolve', {
      range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
    });
    cancelling.cancel();
    await expect(cancelled).rejects.toMatchObject({ code: -32800 });
    expect((await other).length).toBeGreaterThan(0);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

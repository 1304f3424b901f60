import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  createMessageConnection,
  ErrorCodes,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
  CancellationToken,
} from 'vscode-jsonrpc/node';
import { onTestFinished } from 'vitest';
import { KEEPING_NOTHING } from '../keeping.js';
import type { ClientCapabilities, InitializeResult, Position, Range } from 'vscode-languageserver';

/** The built program, as `kvm-regs` starts it. */
export const program = fileURLToPath(new URL('../../server/dist/cli.js', import.meta.url));

/** What a client is and has when it starts its server; the least where nothing is said. */
export interface ClientSettings {
  /** Absolute paths of the workspace's folders. */
  readonly folders?: readonly string[];
  readonly capabilities?: ClientCapabilities;
  readonly options?: unknown;
  /** Section `kvmRegs`, as workspace/configuration gives it at the time. */
  readonly configuration?: () => unknown;
  /** What the server's environment has besides this process'; that nothing is kept between servers, where nothing is said. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The process whose end ends the server; this one where nothing is said. */
  readonly processId?: number | null;
  /** Methods of the server's requests that the client answers with an error, and those that it never answers. */
  readonly refused?: readonly string[];
  readonly unanswered?: readonly string[];
}

/** A message that the server sent of its own accord. */
export interface Said {
  readonly method: string;
  readonly params: unknown;
}

/** A client of a server of its own. */
export interface Client {
  readonly server: ChildProcess;
  readonly initialized: InitializeResult;
  /** Requests and notifications of the server so far. */
  readonly said: readonly Said[];
  readonly request: <T>(method: string, params: unknown, token?: CancellationToken) => Promise<T>;
  readonly notify: (method: string, params: unknown) => void;
  /** Opens a document with a text, the file's where none is given. */
  readonly open: (uri: string, text?: string) => void;
  /** Replaces a range of an open document. */
  readonly change: (uri: string, range: Range, text: string) => void;
  readonly close: (uri: string) => void;
  /** Shutdown and exit; the server's exit code. */
  readonly end: () => Promise<number | null>;
}

/** Starts a server and shakes hands with it. */
export async function startClient(settings: ClientSettings = {}): Promise<Client> {
  const { environment = KEEPING_NOTHING } = settings;
  const server = spawn(process.execPath, [program, 'lsp', '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const connection = createMessageConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  const said: Said[] = [];
  connection.onRequest((method: string, params: unknown) => {
    said.push({ method, params });
    return answerTo(method, params, settings);
  });
  connection.onNotification((method: string, params: unknown) => {
    said.push({ method, params });
  });
  // What still waits for an answer then is rejected.
  connection.onClose(() => {
    connection.dispose();
  });
  connection.listen();
  const initialized = await connection.sendRequest<InitializeResult>('initialize', initializeParams(settings));
  const notify = (method: string, params: unknown) => {
    // A server that is gone hears nothing; what is wrong with that, the requests say.
    connection.sendNotification(method, params).catch(() => undefined);
  };
  notify('initialized', {});
  let version = 0;
  return {
    server,
    initialized,
    said,
    request: (method, params, token = CancellationToken.None) => connection.sendRequest(method, params, token),
    notify,
    open: (uri, text = readFileSync(fileURLToPath(uri), 'utf8')) => {
      version++;
      notify('textDocument/didOpen', { textDocument: { uri, languageId: 'c', version, text } });
    },
    change: (uri, range, text) => {
      version++;
      notify('textDocument/didChange', { textDocument: { uri, version }, contentChanges: [{ range, text }] });
    },
    close: (uri) => {
      notify('textDocument/didClose', { textDocument: { uri } });
    },
    end: async () => {
      await connection.sendRequest('shutdown');
      const exited = exitCode(server);
      notify('exit', undefined);
      return exited;
    },
  };
}

/** A client whose server is gone when the test ends. */
export async function testClient(settings: ClientSettings = {}): Promise<Client> {
  const client = await startClient(settings);
  onTestFinished(() => void client.server.kill('SIGKILL'));
  return client;
}

/** Resolves when the server has said that its trees are read: no hover is an early one then. */
export function treesRead(client: Client): Promise<void> {
  return until(() => client.said.some(isReady), 'the trees');
}

function isReady({ method, params }: Said): boolean {
  return method === 'kvmRegs/status' && (params as { state: string }).state === 'ready';
}

/** The code that a process exits with, or exited with. */
export async function exitCode(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

export function uriOf(path: string): string {
  return pathToFileURL(path).toString();
}

/** Where the first match of a pattern stands in a text, or the place `after` characters behind its start. */
export function positionOf(text: string, pattern: string, after = 0): Position {
  const at = text.indexOf(pattern);
  if (at < 0) throw new Error(`no ${pattern} in the text`);
  return positionAt(text, at + after);
}

/** The position of an offset, in UTF-16 code units. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length - 1, character: before.length - (before.lastIndexOf('\n') + 1) };
}

/** Resolves as soon as `isSo` holds; rejects with `what` when that takes longer than 30 seconds. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await delay(20);
  }
}

function initializeParams({ folders = [], capabilities = {}, options, processId = process.pid }: ClientSettings) {
  return {
    processId,
    rootUri: null,
    workspaceFolders: folders.map((path) => ({ uri: uriOf(path), name: path })),
    capabilities,
    initializationOptions: options,
  };
}

/** A client's answer to a request of the server. */
function answerTo(method: string, params: unknown, settings: ClientSettings): unknown {
  const { configuration = () => ({}), refused = [], unanswered = [] } = settings;
  if (refused.includes(method)) return new ResponseError(ErrorCodes.InternalError, 'refused');
  if (unanswered.includes(method)) return new Promise(() => undefined);
  if (method === 'workspace/configuration') return (params as { items: unknown[] }).items.map(configuration);
  return method === 'window/showDocument' ? { success: true } : null;
}

// The language server's latency over stdio, as its client sees it: the first correct hover after start, each request, an edit to the
// lenses of the new text.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { root } from '../scripts/setup.mjs';

/** Questions of each kind: enough for a 99th percentile. */
const SAMPLES = 1000;
const EDITS = 200;
/** Fewest samples that a 99th percentile is told of. */
const FEWEST = 200;
const COLD_STARTS = 5;

/** @typedef {{ name: string, p50: number, p99: number | null }} Latency milliseconds; p99 null for few samples */

/**
 * Asks a server about a tree.
 * @param {string} tree
 * @returns {Promise<Latency[]>}
 */
export async function serverLatencies(tree) {
  const file = fileOfLenses(tree);
  const firstHovers = [];
  for (let i = 0; i < COLD_STARTS; i++) firstHovers.push(await firstHover(tree, file));
  const session = await startedOn(tree, file);
  const rows = await requestLatencies(session);
  const edits = await editLatencies(session);
  await session.stop();
  return [latency('start to the first hover', firstHovers), ...rows, ...edits];
}

/**
 * The largest C file of KVM x86, of which an edit costs most.
 * @param {string} tree
 */
function fileOfLenses(tree) {
  const directory = join(tree, 'arch/x86/kvm');
  const sources = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.c'))
    .map((name) => ({ path: join(directory, name), size: readFileSync(join(directory, name)).length }));
  const [largest] = sources.sort((a, b) => b.size - a.size);
  if (!largest) throw new Error(`${directory} has no C file`);
  return largest.path;
}

/**
 * @param {string} tree
 * @param {string} file
 */
async function startedOn(tree, file) {
  const server = spawn(process.execPath, [join(root, 'server/dist/cli.js'), 'lsp', '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // What is measured is a reading, not what an earlier one left.
    env: { ...process.env, KVM_REGS_CACHE_LIMIT: '0' },
  });
  const connection = createMessageConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  connection.listen();
  const uri = pathToFileURL(file).toString();
  const text = readFileSync(file, 'utf8');
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: null,
    workspaceFolders: [{ uri: pathToFileURL(tree).toString(), name: 'tree' }],
    // As an editor that watches files, else the server would look at the disk itself; and that asks for lenses anew.
    capabilities: {
      workspace: { didChangeWatchedFiles: { dynamicRegistration: true }, codeLens: { refreshSupport: true } },
    },
  });
  connection.onRequest('client/registerCapability', () => null);
  connection.onRequest('workspace/codeLens/refresh', () => null);
  await connection.sendNotification('initialized', {});
  await connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId: 'c', version: 1, text },
  });
  return {
    connection,
    uri,
    text,
    stop: async () => {
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      connection.dispose();
    },
  };
}

/** @typedef {Awaited<ReturnType<typeof startedOn>>} Session */

/**
 * Milliseconds from the server's start to a hover that names the register's owners.
 * @param {string} tree
 * @param {string} file
 */
async function firstHover(tree, file) {
  const began = performance.now();
  const session = await startedOn(tree, file);
  const [position] = registerPositions(session.text);
  await session.connection.sendRequest('textDocument/hover', { textDocument: { uri: session.uri }, position });
  const ms = performance.now() - began;
  await session.stop();
  return ms;
}

/**
 * Where the text names registers. 0-based lines and characters.
 * @param {string} text
 */
function registerPositions(text) {
  return text.split('\n').flatMap((content, line) => {
    const match = /\bVCPU_(?:REGS|REG|EXREG)_\w+|\bkvm_r\wx_(?:read|write)\b/.exec(content);
    return match ? [{ line, character: match.index + 1 }] : [];
  });
}

/** @param {Session} session */
async function requestLatencies({ connection, uri, text }) {
  const positions = registerPositions(text);
  const rows = [];
  for (const method of ['hover', 'codeLens', 'implementation', 'references']) {
    const times = [];
    for (let i = 0; i < SAMPLES; i++) {
      const position = positions[i % positions.length];
      const params = { textDocument: { uri }, position, context: { includeDeclaration: true } };
      times.push(await timeOf(() => connection.sendRequest(`textDocument/${method}`, params)));
    }
    rows.push(latency(method, times));
  }
  return rows;
}

/**
 * After each edit, a digit more in a function, an editor asks for lenses; and a hover while the tree is read again.
 * @param {Session} session
 */
async function editLatencies({ connection, uri, text }) {
  const places = text
    .split('\n')
    .flatMap((line, at) => (/^\t+\w.*\d;$/.test(line) ? [{ line: at, character: line.length - 1 }] : []));
  const positions = registerPositions(text);
  const lenses = [];
  const hovers = [];
  for (let i = 0; i < EDITS; i++) {
    const place = places[(i * 7919) % places.length];
    const position = positions[i % positions.length];
    await connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version: i + 2 },
      contentChanges: [{ range: { start: place, end: place }, text: '0' }],
    });
    lenses.push(await timeOf(() => connection.sendRequest('textDocument/codeLens', { textDocument: { uri } })));
    hovers.push(await timeOf(() => connection.sendRequest('textDocument/hover', { textDocument: { uri }, position })));
  }
  return [latency('edit to the lenses', lenses), latency('hover while the tree is read again', hovers)];
}

/** @param {() => Promise<unknown>} work */
async function timeOf(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/**
 * @param {string} name
 * @param {number[]} times
 * @returns {Latency}
 */
function latency(name, times) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { name, p50: at(0.5), p99: times.length >= FEWEST ? at(0.99) : null };
}

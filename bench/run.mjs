// `npm run bench [-- TREE] [--json]`: how long the stages of a reading take, the program as a whole process, cold and with answers
// that are kept, beside `ctags` on the same files, what an edit costs, and the language server's latency. Medians and spread;
// nothing is asserted.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
import { installAndBuild, root } from '../scripts/setup.mjs';
import { serverLatencies } from './languageServer.mjs';
import { programTimes } from './program.mjs';
import { rowOf, tableOf } from './rows.mjs';

/** @typedef {import('./rows.mjs').Row} Row */

const RUNS = 7;

installAndBuild();
const args = process.argv.slice(2);
const tree = args.find((arg) => !arg.startsWith('-')) ?? join(root, 'samples/load-store-regs');
const directory = mkdtempSync(join(tmpdir(), 'kvm-regs-bench-'));
try {
  await bundleParts();
  const files = join(directory, 'files');
  writeFileSync(files, output([join(directory, 'files.mjs'), tree]));
  const sections = [
    { title: `a reading of ${tree}, ${RUNS} processes`, rows: stageTimes() },
    { title: 'whole processes, in turn', rows: programTimes(tree, { files, cache: join(directory, 'cache') }) },
    { title: 'an edit, CPU time', rows: editTimes() },
    { title: 'the language server, over stdio', rows: (await serverLatencies(tree)).map(latencyRow) },
  ];
  if (args.includes('--json')) console.log(JSON.stringify({ schema: 1, node: process.version, sections }, null, 1));
  else console.log(sections.map(tableOf).join('\n'));
} finally {
  rmSync(directory, { recursive: true });
}

/**
 * @param {import('./languageServer.mjs').Latency} latency
 * @returns {Row}
 */
function latencyRow({ name, p50, p99 }) {
  return { name, unit: 'ms', figures: { p50, p99 } };
}

/** The programs that read a tree, with what they load. */
async function bundleParts() {
  await build({
    absWorkingDir: root,
    entryPoints: ['bench/stages.ts', 'bench/files.ts', 'bench/edits.ts'],
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
  });
  for (const wasm of ['web-tree-sitter.wasm', 'tree-sitter-c.wasm']) {
    copyFileSync(join(root, 'server/dist', wasm), join(directory, wasm));
  }
}

/** @returns {Row[]} */
function stageTimes() {
  const runs = Array.from({ length: RUNS }, () => rowsOf(output([join(directory, 'stages.mjs'), tree])));
  return (runs[0] ?? []).map(([name, , unit], i) =>
    rowOf(
      name,
      runs.map((run) => Number(run[i]?.[1])),
      unit,
    ),
  );
}

/** @returns {Row[]} */
function editTimes() {
  const rows = rowsOf(output([join(directory, 'edits.mjs'), tree]).trimEnd());
  return rows.map(([name, p50, p99]) => ({ name, unit: 'ms', figures: { p50: Number(p50), p99: Number(p99) } }));
}

/**
 * @param {string} text lines of name, value and unit
 * @returns {[string, string, string][]}
 */
function rowsOf(text) {
  return text.split('\n').map((line) => {
    const [name = '', value = '', unit = ''] = line.split('\t');
    return [name, value, unit];
  });
}

/**
 * What a program of ours prints.
 * @param {string[]} command
 */
function output(command) {
  const { stdout, status, stderr, error } = spawnSync(process.execPath, command, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command.join(' ')} failed: ${stderr}`);
  return stdout;
}

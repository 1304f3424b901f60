// `npm run bench [-- TREE]`: how long `kvm-regs map` takes, cold and whole, each stage of it, its peak memory, beside it
// `ctags -R` on the same files, what an edit costs, and the language server's latency. Medians over several runs; nothing is
// asserted here.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
import { installAndBuild, root } from '../scripts/setup.mjs';
import { serverLatencies } from './languageServer.mjs';

const RUNS = 7;

installAndBuild();
const tree = process.argv[2] ?? join(root, 'samples/load-store-regs');
const directory = mkdtempSync(join(tmpdir(), 'kvm-regs-bench-'));
try {
  const stages = join(directory, 'stages.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['bench/stages.ts', 'bench/edits.ts'],
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
  report(stages);
  reportEdits(join(directory, 'edits.mjs'));
  console.log('the language server, over stdio');
  for (const { name, p50, p99 } of await serverLatencies(tree)) {
    console.log(`  ${name.padEnd(30)} p50 ${p50.toFixed(1)} ms${p99 === null ? '' : `, p99 ${p99.toFixed(1)} ms`}`);
  }
} finally {
  rmSync(directory, { recursive: true });
}

/** @param {string} stages the bundled stages program */
function report(stages) {
  const runs = Array.from({ length: RUNS }, () => rowsOf(output(process.execPath, [stages, tree])));
  console.log(`${tree}, medians of ${RUNS} cold runs`);
  for (const [i, [name, , unit]] of (runs[0] ?? []).entries()) {
    row(name, median(runs.map((run) => Number(run[i]?.[1]))), unit);
  }
  row(
    'kvm-regs map, whole process',
    median(timed(process.execPath, [join(root, 'server/dist/cli.js'), 'map', tree])),
    'ms',
  );
  const kvm = join(tree, 'arch/x86/kvm');
  if (spawnSync('ctags', ['--version']).error) console.log('ctags is not installed: no figure beside ours');
  else row('ctags -R on arch/x86/kvm', median(timed('ctags', ['-R', '-f', '/dev/null', kvm])), 'ms');
}

/** @param {string} edits the bundled edits program */
function reportEdits(edits) {
  console.log('an edit, CPU time');
  for (const [name, p50, p99] of rowsOf(output(process.execPath, [edits, tree]).trimEnd())) {
    console.log(`  ${name.padEnd(40)} p50 ${p50} ms, p99 ${p99} ms`);
  }
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
 * @param {string} command
 * @param {string[]} args
 */
function output(command, args) {
  const { stdout, status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`);
  return stdout;
}

/**
 * Wall times in ms, after one run that does not count.
 * @param {string} command
 * @param {string[]} args
 */
function timed(command, args) {
  output(command, args);
  return Array.from({ length: RUNS }, () => {
    const began = performance.now();
    output(command, args);
    return performance.now() - began;
  });
}

/** @param {number[]} values */
function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/**
 * @param {string} name
 * @param {number} value
 * @param {string} unit
 */
function row(name, value, unit) {
  console.log(`  ${name.padEnd(30)} ${value.toFixed(0).padStart(6)} ${unit}`);
}

// `npm run fuzz -- [--minutes N] [--seed S] [--only FUZZER]... [--go-on] [TREE]`: runs the fuzzers of test/fuzz on the samples, or on a kernel
// tree, until the time is over. What fails is printed with the command that repeats it; then the exit status is 1.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
import { root } from './setup.mjs';

// Beside test/, so that what finds a sample or a package by its own place finds it from the bundle too.
const program = join(root, 'out', 'fuzz.mjs');

await build({
  absWorkingDir: root,
  entryPoints: ['test/fuzz/main.ts'],
  outfile: program,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'warning',
});
const { status, error } = spawnSync(process.execPath, ['--enable-source-maps', program, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
if (error) throw error;
process.exitCode = status ?? 1;

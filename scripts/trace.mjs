// `npm run trace -- TREE FUNCTION`: what each instruction of a world switch does to the register state, as the analysis has
// it. TREE is a kernel tree, FUNCTION one in assembly, or one in C whose asm() statements enter a guest.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
import { root } from './setup.mjs';

const outfile = join(root, 'out/trace.mjs');
await build({
  absWorkingDir: root,
  entryPoints: ['scripts/trace/main.ts'],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
});
const { status, error } = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], {
  cwd: process.env['INIT_CWD'] ?? process.cwd(), // npm changes to the root: a relative path is meant from where it was typed
  stdio: 'inherit',
});
if (error) console.error(error.message);
process.exitCode = status ?? 1;

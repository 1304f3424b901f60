// `npm start -- ARGS`: kvm-regs with ARGS, or the register map of a sample. Set-up speaks on stderr only.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { installAndBuild, root } from './setup.mjs';

/** The sample that has every backend. */
const sample = join(root, 'samples/load-store-regs');

installAndBuild();
const given = process.argv.slice(2);
const args = given.length > 0 ? given : ['map', sample];
const { status, error } = spawnSync(process.execPath, [join(root, 'server/dist/cli.js'), ...args], {
  cwd: process.env['INIT_CWD'] ?? process.cwd(), // npm changes to the root: a relative path is meant from where it was typed
  stdio: 'inherit',
});
if (error) console.error(error.message);
process.exitCode = status ?? 1;

// `npm start -- ARGS`: kvm-regs with ARGS, or the register map of the newest sample. Set-up speaks on stderr only.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { installAndBuild, root } from './setup.mjs';

const samples = join(root, 'samples');

installAndBuild();
const given = process.argv.slice(2);
const args = given.length > 0 ? given : ['map', newestSample()];
const { status, error } = spawnSync(process.execPath, [join(root, 'server/dist/cli.js'), ...args], {
  cwd: process.env['INIT_CWD'] ?? process.cwd(), // npm changes to the root: a relative path is meant from where it was typed
  stdio: 'inherit',
});
if (error) console.error(error.message);
process.exitCode = status ?? 1;

/** The sample of the latest kernel: `samples/linux-VERSION...`, versions compared as numbers. */
function newestSample() {
  const names = existsSync(samples) ? readdirSync(samples).filter((name) => /^linux-\d/.test(name)) : [];
  const newest = names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  if (newest !== undefined) return join(samples, newest);
  console.error(`${samples} holds no linux-VERSION directory`);
  process.exit(1);
}

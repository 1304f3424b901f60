// `npm start -- ARGS`: kvm-regs with ARGS, or the register map of the newest sample. Set-up speaks on stderr only.
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
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

/** The sample of the latest kernel, as their Makefiles state it. */
function newestSample() {
  const directories = readdirSync(samples, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const versions = directories.map(({ name }) => ({ name, version: kernelVersion(join(samples, name, 'Makefile')) }));
  const newest = versions.sort((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true })).at(-1);
  return join(samples, newest?.name ?? '');
}

/**
 * `7.2` for a kernel's top Makefile that says `VERSION = 7` and `PATCHLEVEL = 2`.
 * @param {string} makefile
 */
function kernelVersion(makefile) {
  const text = readFileSync(makefile, 'utf8');
  return ['VERSION', 'PATCHLEVEL'].map((name) => new RegExp(`^${name} = (\\d+)`, 'm').exec(text)?.[1] ?? '0').join('.');
}

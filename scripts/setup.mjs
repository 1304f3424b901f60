// What `npm start` and `npm test` need before they can run, on Node.js built-ins alone: it must work in a fresh clone.
// (npm's own `prestart` and `pretest` are no way to do it: `ignore-scripts` in .npmrc drops them silently.)
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** The repository's root, absolute. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Installs what the lock file says when it is not there or older than the lock, and builds when a source is newer. */
export function installAndBuild() {
  if (modified('node_modules/.package-lock.json') < modified('package-lock.json')) {
    console.error('Installing...');
    runOrExit('npm', ['ci', '--loglevel=error']);
  }
  if (modified('server/dist/cli.js') < Math.max(...builtFrom().map(modified))) {
    console.error('Building...');
    runOrExit(process.execPath, ['scripts/build.mjs']);
  }
}

/**
 * Runs a command in the root with its output on our stderr, and exits with its status when it fails.
 * @param {string} command
 * @param {string[]} args
 */
function runOrExit(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32' && command === 'npm', // there npm is a .cmd, which only a shell starts
  });
  if (error) console.error(`cannot run ${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

/** Every file and directory that the build reads; the directories tell of files that were removed. */
function builtFrom() {
  const sources = ['protocol', 'server/src', 'client/src'].flatMap((directory) => [
    directory,
    ...readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' }).map((file) => join(directory, file)),
  ]);
  const packages = ['server/package.json', 'client/package.json'];
  const scripts = ['build.mjs', 'bundles.mjs', 'third-party.mjs'].map((file) => join('scripts', file));
  return [...sources, ...packages, ...scripts, 'package-lock.json', 'LICENSE', 'THIRD_PARTY.md', 'docs/checks.md'];
}

/**
 * When a path of the repository was last modified, in milliseconds; 0 when it is not there.
 * @param {string} path
 */
function modified(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

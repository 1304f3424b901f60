// `npm run workbench`: installs a real VS Code, the server and web workbench of code-server, for the end-to-end tests.
// It goes into a cache outside the repository, once. Native modules are built here: g++, make, python3, Node.js' headers.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

// The newest that runs on Node.js 20; its VS Code is 1.100.3.
const version = '4.100.3';
const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');

/** Where the workbench is installed: native modules are for one Node.js ABI, so each has its own. */
const directory = join(cache, 'kvm-register-lens', 'workbench', `${version}-abi${process.versions.modules}`);

/** The installed VS Code's directory, which holds `out/server-main.js`; it exists only when it is complete. */
export const workbench = join(directory, 'node_modules/code-server/lib/vscode');

/** Installs the workbench unless it is there. Another installation at the same time finds it whole or not at all. */
function installWorkbench() {
  if (existsSync(workbench)) return;
  mkdirSync(dirname(directory), { recursive: true });
  const temporary = mkdtempSync(`${directory}.`);
  try {
    installInto(temporary);
    renameSync(temporary, directory);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (!existsSync(workbench)) throw error;
  }
}

/** @param {string} target an empty directory */
function installInto(target) {
  const vscode = join(target, 'node_modules/code-server/lib/vscode');
  writeFileSync(join(target, 'package.json'), '{ "private": true }\n');
  npm(target, 'install', `code-server@${version}`);
  npm(vscode, 'install', '--omit=dev');
  npm(join(vscode, 'extensions'), 'install', '--omit=dev');
  npm(vscode, 'rebuild', '@vscode/spdlog', 'native-watchdog', 'node-pty', '--ignore-scripts=false');
  for (const addon of ['@vscode/spdlog/build/Release/spdlog.node', 'node-pty/build/Release/pty.node']) {
    if (!existsSync(join(vscode, 'node_modules', addon))) throw new Error(`${addon} was not built`);
  }
  symlinkSync('node_modules', join(vscode, 'node_modules.asar'));
  mkdirSync(join(vscode, 'node_modules/@vscode/ripgrep/bin'), { recursive: true });
  symlinkSync(commandPath('rg'), join(vscode, 'node_modules/@vscode/ripgrep/bin/rg'));
  run(vscode, process.execPath, ['out/server-main.js', '--version']);
}

/**
 * npm in `cwd`, with no script run unless the arguments say so. A script's node-gyp builds against this Node.js' headers.
 * @param {string} cwd
 * @param {...string} args
 */
function npm(cwd, ...args) {
  const [command = '', ...rest] = args;
  run(cwd, 'npm', [command, '--ignore-scripts', '--no-fund', '--no-audit', '--loglevel=error', ...rest], {
    npm_config_nodedir: dirname(dirname(process.execPath)),
    npm_config_yes: 'true',
  });
}

/**
 * @param {string} cwd
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} env added to ours
 */
function run(cwd, command, args, env = {}) {
  const { status, error } = spawnSync(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? `exit status ${status}`}`);
}

/**
 * The absolute path of a command on PATH.
 * @param {string} name
 */
function commandPath(name) {
  const paths = (process.env['PATH'] ?? '').split(':').map((entry) => join(entry, name));
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${name} is not installed`);
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  installWorkbench();
  console.log(workbench);
}

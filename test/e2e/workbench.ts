import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { chromium, type Browser, type Page } from 'playwright-core';
import { workbench as vscode } from '../../scripts/install-workbench.mjs';
import { shownTheme } from './shownTheme.js';
import { until } from './until.js';

/** What a workbench is started with. */
export interface WorkbenchOptions {
  /** The directory of {@link installExtensions}. */
  readonly extensions: string;
  /** The folders to open, in one window. */
  readonly folders: readonly string[];
  /** User settings, over those that keep a fresh profile quiet. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** A running VS Code: its server and a browser's page with the workbench. */
export interface Workbench {
  readonly page: Page;
  /** Ends both and removes the profile. */
  readonly close: () => Promise<void>;
}

export const chromiumPath = '/usr/bin/chromium';

const quietSettings = {
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.colorTheme': shownTheme,
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.editor.enablePreview': false,
  'files.autoSave': 'off', // a browser's default saves: the trees are shared
  'workbench.layoutControl.enabled': false,
  'window.commandCenter': false,
  'chat.commandCenter.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'editor.accessibilitySupport': 'off',
  'editor.hover.delay': 100,
  'editor.minimap.enabled': false,
  'editor.stickyScroll.enabled': false,
};

/** Starts VS Code on a fresh profile and waits for the workbench to be drawn. Rejects with the server's log. */
export async function startWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const profile = mkdtempSync(join(tmpdir(), 'vsc-')); // short: it holds Unix sockets
  let server: ChildProcess | null = null;
  let browser: Browser | null = null;
  const close = async (): Promise<void> => {
    await browser?.close();
    if (server) await endGroup(server);
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const args = prepareProfile(profile, options);
    const port = await freePort();
    server = startServer(profile, [
      ...args,
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--without-connection-token',
    ]);
    await isServing(server, `http://127.0.0.1:${port}/version`);
    browser = await chromium.launch({
      executablePath: chromiumPath,
      args: browserArguments,
      ignoreDefaultArgs: hidingScrollBars,
    });
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(`http://127.0.0.1:${port}/?${new URLSearchParams(opened(profile, options)).toString()}`);
    await page.locator('.monaco-workbench .part.statusbar').waitFor();
    return { page, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What the window opens: nothing, a folder, or a workspace file of several. */
function opened(profile: string, { folders }: WorkbenchOptions): Record<string, string> {
  const [folder, another] = folders;
  if (folder === undefined) return { ew: 'true' };
  if (another === undefined) return { folder };
  const workspace = join(profile, 'several.code-workspace');
  writeFileSync(workspace, JSON.stringify({ folders: folders.map((path) => ({ path })) }));
  return { workspace };
}

/** What playwright gives to Chromium so that pages have no scroll bars; users have them. */
export const hidingScrollBars = ['--hide-scrollbars'];

const browserArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Writes the settings, and gives the arguments that start a server on the profile. */
function prepareProfile(profile: string, { extensions, settings = {} }: WorkbenchOptions): string[] {
  mkdirSync(join(dataOf(profile), 'User'), { recursive: true });
  writeFileSync(join(dataOf(profile), 'User/settings.json'), JSON.stringify({ ...quietSettings, ...settings }));
  return serverArguments(profile, extensions);
}

/** Installs packaged extensions into a directory, which is made. */
export function installExtensions(directory: string, packages: readonly string[]): void {
  const profile = mkdtempSync(join(tmpdir(), 'vsc-'));
  try {
    const install = packages.flatMap((vsix) => ['--install-extension', vsix]);
    const args = [...serverArguments(profile, directory), ...install, '--force'];
    execFileSync(process.execPath, [serverMain, ...args], { env: environment(profile) });
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

function serverArguments(profile: string, extensions: string): string[] {
  const data = dataOf(profile);
  const directories = ['--user-data-dir', data, '--server-data-dir', data, '--extensions-dir', extensions];
  return ['--accept-server-license-terms', '--telemetry-level', 'off', ...directories];
}

function dataOf(profile: string): string {
  return join(profile, 'data');
}

const serverMain = join(vscode, 'out/server-main.js');

function startServer(profile: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [serverMain, ...args], {
    env: environment(profile),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // its own process group, with the extension host and our language server in it
  });
}

/** Ours, with the profile as home and without what an enclosing VS Code says to its children. */
function environment(profile: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(VSCODE|ELECTRON)_/.test(name));
  return { ...Object.fromEntries(kept), HOME: profile, TMPDIR: profile, XDG_RUNTIME_DIR: profile };
}

async function isServing(server: ChildProcess, url: string): Promise<void> {
  let log = '';
  const append = (chunk: Buffer): void => void (log += chunk.toString());
  server.stdout?.on('data', append);
  server.stderr?.on('data', append);
  await until(
    async () =>
      server.exitCode === null &&
      (await fetch(url).then(
        (response) => response.ok,
        () => false,
      )),
    () => `VS Code's server does not answer:\n${log}`,
  );
}

/** Asks the process's group to end; one that does not is killed. */
async function endGroup(leader: ChildProcess): Promise<void> {
  const { pid } = leader;
  if (pid === undefined || hasEnded(leader)) return;
  const exited = once(leader, 'exit');
  process.kill(-pid, 'SIGTERM');
  await until(
    () => Promise.resolve(hasEnded(leader)),
    () => 'it does not end',
  ).catch(() => process.kill(-pid, 'SIGKILL'));
  await exited;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return address.port;
}

// `npm run screenshots [-- THEME ...]`: takes the pictures of docs/screenshots in the light theme, and the same ones in the dark and the
// high-contrast theme in out/screenshots, to be looked at; those of the walkthrough in docs/walkthrough, light and dark. Of all three themes
// where none is named. Needs what the end-to-end tests need.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { root } from './setup.mjs';

/**
 * Each theme as VS Code calls it, and where its pictures go, and those of the walkthrough's steps.
 * @type {Record<string, { theme: string, directory: string, walkthrough: string }>}
 */
const themes = {
  light: { theme: 'Default Light Modern', directory: 'docs/screenshots', walkthrough: 'docs/walkthrough/light' },
  dark: { theme: 'Default Dark Modern', directory: 'out/screenshots/dark', walkthrough: 'docs/walkthrough/dark' },
  'high-contrast': {
    theme: 'Default High Contrast',
    directory: 'out/screenshots/high-contrast',
    walkthrough: 'out/walkthrough/high-contrast',
  },
};

const wanted = process.argv.slice(2);
for (const name of wanted.length > 0 ? wanted : Object.keys(themes)) {
  const chosen = themes[name];
  if (!chosen) throw new Error(`no theme '${name}'; there is ${Object.keys(themes).join(', ')}`);
  const { theme, directory, walkthrough } = chosen;
  const pictures = { KVM_E2E_SCREENSHOTS: directory, KVM_E2E_WALKTHROUGH: walkthrough, KVM_E2E_THEME: theme };
  const env = { ...process.env, KVM_E2E_REQUIRED: '1', ...pictures };
  const tests = ['vscode', 'findings', 'firstHour', 'registerMap', 'mapPage'].map((name) => `test/e2e/${name}.test.ts`);
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'e2e', ...tests];
  const { status } = spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' });
  if (status !== 0) process.exitCode = status ?? 1; // the pictures of the tests that pass are taken all the same
}

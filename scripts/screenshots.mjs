// `npm run screenshots`: takes the pictures of docs/screenshots in a light theme, and the same ones in a dark and a high-contrast
// theme in out/screenshots, to be looked at. Needs what the end-to-end tests need.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { root } from './setup.mjs';

/** Where the pictures go, by the theme that they are taken in. */
const themes = {
  'Default Light Modern': 'docs/screenshots',
  'Default Dark Modern': 'out/screenshots/dark',
  'Default High Contrast': 'out/screenshots/high-contrast',
};

for (const [theme, directory] of Object.entries(themes)) {
  const env = { ...process.env, KVM_E2E_REQUIRED: '1', KVM_E2E_SCREENSHOTS: directory, KVM_E2E_THEME: theme };
  const tests = ['vscode', 'firstHour', 'registerMap', 'mapPage'].map((name) => `test/e2e/${name}.test.ts`);
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'e2e', ...tests];
  const { status } = spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' });
  if (status !== 0) process.exitCode = status ?? 1; // the pictures of the tests that pass are taken all the same
}

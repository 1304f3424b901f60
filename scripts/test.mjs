// `npm test -- ARGS`: every test suite, or what vitest's ARGS select; the last lines name what was skipped, and count.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { installAndBuild, root } from './setup.mjs';

/** @typedef {{ status: string, fullName: string, failureMessages: string[] }} Test */
/** @typedef {{ testResults: { name: string, status: string, message: string, assertionResults: Test[] }[] }} Report */

installAndBuild();
const reportPath = join(root, 'out/test-report.json');
rmSync(reportPath, { force: true });
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`];
const { status } = spawnSync(process.execPath, [vitest, 'run', ...reporters, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
if (existsSync(reportPath)) summarize(/** @type {Report} */ (JSON.parse(readFileSync(reportPath, 'utf8'))));
process.exitCode = status ?? 1;

/** @param {Report} report */
function summarize({ testResults }) {
  const tests = testResults.flatMap((file) => file.assertionResults);
  const passed = tests.filter((test) => test.status === 'passed');
  const failed = tests
    .filter((test) => test.status === 'failed')
    .map(({ fullName, failureMessages }) => `${fullName}: ${beginningOf(failureMessages.join('\n'))}`);
  // A file that fails without a failed test: it does not load, or a hook around its tests failed.
  const broken = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  const failures = [...failed, ...broken.map(({ name, message }) => `${name}: ${beginningOf(message)}`)];
  const skipped = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed');
  for (const failure of failures) console.log(`failed: ${failure}`);
  for (const test of skipped) console.log(`skipped: ${test.fullName}`);
  console.log(`${passed.length} passed, ${failures.length} failed, ${skipped.length} skipped`);
}

/**
 * The first lines of a message as one: of a property, also the seed that it failed with and what it failed on.
 * @param {string} message
 */
function beginningOf(message) {
  const lines = message.split('\n', 4).map((line) => line.trim());
  return lines.join(' | ').slice(0, 1000);
}

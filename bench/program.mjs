// Whole processes of `kvm-regs`, from start to end: cold, and with answers that are kept; beside them `ctags` on the same files.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { root } from '../scripts/setup.mjs';
import { rowOf } from './rows.mjs';

const RUNS = 9;

/** @typedef {import('./rows.mjs').Row} Row */
/** @typedef {{ name: string, command: [string, ...string[]] }} Candidate */

/** Asked of a tree whose answers are kept. */
const WARM = [['map'], ['owner', 'RAX'], ['refs'], ['xsave'], ['check']];

/**
 * Times each in turn, round by round, so that what else the machine does falls on all alike. Milliseconds of wall time.
 * @param {string} tree
 * @param {{ files: string, cache: string }} paths a list of the files that are read of it, and a directory for a cache
 * @returns {Row[]}
 */
export function programTimes(tree, { files, cache }) {
  const env = { ...process.env, XDG_CACHE_HOME: cache, KVM_REGS_CACHE_LIMIT: '200' };
  /** @type {(name: string, args: string[]) => Candidate} */
  const ours = (name, args) => ({ name, command: [process.execPath, join(root, 'server/dist/cli.js'), ...args] });
  const candidates = [
    ours('kvm-regs map, cold', ['map', tree, '--no-cache']),
    ...WARM.map(([command = '', ...rest]) => ours(`kvm-regs ${command}, kept`, [command, tree, ...rest])),
    ours('kvm-regs --version', ['--version']),
  ];
  const hasCtags = spawnSync('ctags', ['--version']).error === undefined;
  if (hasCtags)
    candidates.push({ name: 'ctags on the same files', command: ['ctags', '-f', '/dev/null', '-L', files] });
  return timedInTurn(candidates, env);
}

/**
 * @param {Candidate['command']} command
 * @param {NodeJS.ProcessEnv} env
 */
function run([command, ...args], env) {
  const { status, stderr, error } = spawnSync(command, args, { env, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (error) throw error;
  // `check` ends with another status where it finds something.
  if (status === null || status > 3) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`);
}

/**
 * @param {Candidate[]} candidates
 * @param {NodeJS.ProcessEnv} env
 * @returns {Row[]}
 */
function timedInTurn(candidates, env) {
  const times = candidates.map(() => /** @type {number[]} */ ([]));
  // The first round does not count: it reads files that the system then has in memory, and answers that are then kept.
  for (let round = 0; round <= RUNS; round++) {
    for (const [i, { command }] of candidates.entries()) {
      const began = performance.now();
      run(command, env);
      if (round > 0) times[i]?.push(performance.now() - began);
    }
  }
  return candidates.map(({ name }, i) => rowOf(name, times[i] ?? [], 'ms'));
}

// Whole processes of `kvm-regs`, from start to end: cold, after a file was changed, and with answers that are kept; beside them
// `ctags` on the same files.
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { root } from '../scripts/setup.mjs';
import { rowOf } from './rows.mjs';

const RUNS = 9;

/** @typedef {import('./rows.mjs').Row} Row */
/** `prepare`: what is done before each run, and not timed.
 * @typedef {{ name: string, command: [string, ...string[]], cache: string, prepare?: () => void }} Candidate */

/** Asked of a tree whose answers are kept. */
const WARM = [['map'], ['owner', 'RAX'], ['refs'], ['xsave'], ['check']];

/**
 * Times each in turn, round by round, so that what else the machine does falls on all alike. Milliseconds of wall time.
 * @param {string} tree
 * @param {{ files: string, cache: string }} paths a list of the files that are read of it, and a directory for a cache
 * @returns {Row[]}
 */
export function programTimes(tree, { files, cache }) {
  const cacheOfCopy = `${cache}-of-copy`;
  const { copy, largest } = copyOf(tree, files);
  /** @type {(name: string, args: string[]) => Candidate} */
  const ours = (name, args) => ({
    name,
    command: [process.execPath, join(root, 'server/dist/cli.js'), ...args],
    cache,
  });
  const candidates = [
    ours('kvm-regs map, cold', ['map', tree, '--no-cache']),
    {
      ...ours('kvm-regs map, cold, what it read is kept', ['map', copy]),
      cache: cacheOfCopy,
      prepare: () => {
        rmSync(cacheOfCopy, { recursive: true, force: true });
      },
    },
    ...WARM.map(([command = '', ...rest]) => ({
      ...ours(`kvm-regs ${command}, the largest file changed`, [command, copy, ...rest]),
      cache: cacheOfCopy,
      prepare: () => {
        appendFileSync(largest, '/* changed */\n');
      },
    })),
    ...WARM.map(([command = '', ...rest]) => ours(`kvm-regs ${command}, kept`, [command, tree, ...rest])),
    ours('kvm-regs --version', ['--version']),
  ];
  const hasCtags = spawnSync('ctags', ['--version']).error === undefined;
  if (hasCtags)
    candidates.push({ name: 'ctags on the same files', command: ['ctags', '-f', '/dev/null', '-L', files], cache });
  return timedInTurn(candidates);
}

/**
 * A copy of the files that are read of a tree, which can be edited.
 * @param {string} tree
 * @param {string} list a file with their paths, a line each
 */
function copyOf(tree, list) {
  const copy = join(dirname(list), 'tree');
  const copies = readFileSync(list, 'utf8')
    .split('\n')
    .filter((path) => path !== '')
    .map((path) => {
      const to = join(copy, relative(tree, path));
      mkdirSync(dirname(to), { recursive: true });
      cpSync(path, to);
      return to;
    });
  const [largest = copy] = copies.sort((a, b) => statSync(b).size - statSync(a).size);
  return { copy, largest };
}

/**
 * @param {Candidate} candidate
 */
function run({ command: [command, ...args], cache }) {
  const env = { ...process.env, XDG_CACHE_HOME: cache, KVM_REGS_CACHE_LIMIT: '200' };
  const { status, stderr, error } = spawnSync(command, args, { env, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (error) throw error;
  // `check` ends with another status where it finds something.
  if (status === null || status > 3) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`);
}

/**
 * @param {Candidate[]} candidates
 * @returns {Row[]}
 */
function timedInTurn(candidates) {
  const times = candidates.map(() => /** @type {number[]} */ ([]));
  // The first round does not count: it reads files that the system then has in memory, and answers that are then kept.
  for (let round = 0; round <= RUNS; round++) {
    for (const [i, candidate] of candidates.entries()) {
      candidate.prepare?.();
      const began = performance.now();
      run(candidate);
      if (round > 0) times[i]?.push(performance.now() - began);
    }
  }
  return candidates.map(({ name }, i) => rowOf(name, times[i] ?? [], 'ms'));
}

import process from 'node:process';
import { RULES } from '../server/src/check/rules.js';
import { checkSteps } from '../server/src/check/checkTree.js';
import { lensesOf } from '../server/src/explain/lenses.js';
import { steppedReading, type TreeText } from '../server/src/model/readTree.js';
import type { Steps } from '../server/src/model/steps.js';
import { findKernelTree } from '../server/src/tree/findKernelTree.js';
import { loadTree } from '../server/src/tree/loadTree.js';
import { bundledParser } from './bundledParser.js';

// What one keystroke costs, by where it is typed: CPU milliseconds of reading the tree again, of its longest step, of the file's
// lenses and of the check's longest step. Prints a line for each: name, median, 99th percentile.

/** Edits of each kind: enough for a 99th percentile. */
const EDITS = 200;

/** Files that are edited in turn: the largest ones that have a place for a kind of edit. */
const FILES = 3;

/** A kind of edit: whether a line has a place for it, and the line with it. */
interface EditKind {
  readonly name: string;
  readonly place: RegExp;
  readonly edited: (line: string) => string;
}

const KINDS: readonly EditKind[] = [
  { name: 'in a function', place: /^\t+\w.*;$/, edited: (line) => line.replace(/;$/, ' + 1;') },
  { name: 'in a comment', place: /^\s*(?:\/\*|\*) \w/, edited: (line) => `${line} x` },
  { name: 'a line more', place: /^(?:\t.*;|\})?$/, edited: (line) => `${line}\n` },
  { name: 'in a #define', place: /^#define\s+\w+\s+[^\\]+$/, edited: (line) => `${line} ` + '+ 1' },
  { name: 'in a struct', place: /^\t(?:u\d+|bool|int|unsigned long) \w+;$/, edited: (line) => line.replace(';', 'x;') },
];

/** A row of the table: CPU milliseconds of each edit. */
interface Times {
  readonly reading: number[];
  readonly longestStep: number[];
  readonly lenses: number[];
  readonly check: number[];
}

const found = findKernelTree(process.argv[2] ?? '.');
if ('missing' in found) throw new Error(found.missing);
const tree = loadTree(found.tree);
const read = steppedReading(await bundledParser());
stepTimes(read(tree));
for (const kind of KINDS) {
  const times: Times = { reading: [], longestStep: [], lenses: [], check: [] };
  for (const edit of edits(tree, kind)) {
    const { result: model, steps } = stepTimes(read(edit.tree));
    times.reading.push(steps.reduce((sum, ms) => sum + ms, 0));
    times.longestStep.push(Math.max(...steps));
    times.lenses.push(cpuOf(() => lensesOf(model, edit.path, { everyFunction: false })).ms);
    times.check.push(Math.max(...stepTimes(checkSteps(model, RULES)).steps));
  }
  if (times.reading.length === 0) continue;
  for (const [what, all] of [
    ['read again', times.reading],
    ['longest step of that', times.longestStep],
    ['the lenses', times.lenses],
    ['longest step of a check', times.check],
  ] as const)
    process.stdout.write(`${kind.name}: ${what}\t${at(all, 0.5)}\t${at(all, 0.99)}\n`);
}

/** The tree with an edit, one after the other; each is of the text as it is on disk. The same ones in each run. */
function* edits(base: TreeText, kind: EditKind): Generator<{ readonly tree: TreeText; readonly path: string }> {
  const files = base.files
    .filter(({ path, text }) => path.includes('/kvm/') && /\.[ch]$/.test(path) && placesIn(text, kind).length > 0)
    .sort((a, b) => b.text.length - a.text.length)
    .slice(0, FILES);
  for (const { path, text } of files) {
    const lines = text.split('\n');
    const places = placesIn(text, kind);
    for (let i = 0; i < Math.ceil(EDITS / files.length); i++) {
      // Steps of a prime go all over the file.
      const line = places[(i * 7919) % places.length] ?? 0;
      const edited = lines.map((written, at) => (at === line ? kind.edited(written) : written)).join('\n');
      const now = base.files.map((file) => (file.path === path ? { path, text: edited } : file));
      yield { path, tree: { ...base, files: now } };
    }
  }
}

/** The lines of a text, 0-based, that have a place for an edit. */
function placesIn(text: string, { place }: EditKind): number[] {
  return text.split('\n').flatMap((line, at) => (place.test(line) ? [at] : []));
}

/** Does all steps; CPU milliseconds of each. */
function stepTimes<Result>(steps: Steps<Result>): { readonly result: Result; readonly steps: readonly number[] } {
  const times: number[] = [];
  for (;;) {
    const { result: step, ms } = cpuOf(() => steps.next());
    times.push(ms);
    if (step.done) return { result: step.value, steps: times };
  }
}

/** Does some work; CPU milliseconds of the whole process, garbage collection and compilation included. */
function cpuOf<Result>(work: () => Result): { readonly result: Result; readonly ms: number } {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return { result, ms: (user + system) / 1000 };
}

function at(times: readonly number[], share: number): string {
  return (times.toSorted((a, b) => a - b)[Math.floor(times.length * share)] ?? 0).toFixed(1);
}

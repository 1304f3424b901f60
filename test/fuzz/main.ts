import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { parser, treeAt } from '../engine.js';
import type { Batch, Failure, Fuzzer } from './fuzzer.js';
import { hasCpp } from './cpp.js';
import { fuzzersOf } from './fuzzers.js';
import { keptSeeds } from './keptSeeds.js';
import { TOKEN_FUZZER, tokenFuzzer } from './tokenFuzzer.js';
import { sampleTrees } from './sampleTrees.js';

// Runs all fuzzers, for as long each, until the time is over or one of them found something; with `--go-on`, until the time
// is over.

/** Inputs of each seed: few, so that a failure is found again soon. */
const INPUTS = 20;

/** How long a failed input may be made smaller when the time is over. Milliseconds. */
const SHRINKING = 20_000;

/** Milliseconds after which it is told again how many inputs were tried. */
const COUNTS_AFTER = 60_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string' },
    only: { type: 'string', multiple: true, default: [] },
    'go-on': { type: 'boolean', default: false },
  },
});
const [root] = positionals;
const trees = root === undefined ? sampleTrees() : [treeAt(root)];
// Headers of our own stand for the kernel's, so that gcc takes the samples alone; and it still finds something there.
const isOfTokens = values.only.includes(TOKEN_FUZZER) && root === undefined && hasCpp();
const fuzzers = [...fuzzersOf(await parser(), trees), ...(isOfTokens ? [tokenFuzzer(await parser(), trees)] : [])];
const chosen = fuzzers.filter(({ name }) => values.only.length === 0 || values.only.includes(name));
if (chosen.length === 0) throw new Error(`--only takes ${fuzzers.map(({ name }) => name).join(', ')}`);
const firstSeed = Number(values.seed ?? Date.now() % 1_000_000_000);
const deadline = Date.now() + Number(values.minutes) * 60_000;

/** What a fuzzer has done so far. */
interface Share {
  readonly fuzzer: Fuzzer;
  inputs: number;
  /** Milliseconds. */
  time: number;
}
const shares = chosen.map((fuzzer): Share => ({ fuzzer, inputs: 0, time: 0 }));

if (!hasCpp()) console.log('gcc is not there: the macro expander is not compared with it');
console.log(`The first seed: ${firstSeed}`);
let failures = 0;
let nextCounts = Date.now() + COUNTS_AFTER;
for (const { share, batch } of batches()) {
  if (!passes(share, batch)) failures++;
  if (failures > 0 && !values['go-on']) break;
  if (Date.now() > nextCounts) {
    console.log(counts().join(', '));
    nextCounts += COUNTS_AFTER;
  }
}
process.exitCode = failures === 0 ? 0 : 1;
console.log(counts().join('\n'));

/** What to try, until the time is over: first the seeds that once failed, then a seed of whichever fuzzer has had the least time. */
function* batches(): Generator<{ share: Share; batch: Batch }> {
  if (root === undefined)
    for (const share of shares) for (const batch of keptSeeds(share.fuzzer.name)) yield { share, batch };
  for (let seed = firstSeed; Date.now() < deadline; seed++) {
    const share = shares.reduce((least, other) => (other.time < least.time ? other : least));
    yield { share, batch: { seed, inputs: INPUTS } };
  }
}

function counts(): string[] {
  return shares.map(({ fuzzer, inputs }) => `${fuzzer.name}: ${inputs} inputs`);
}

/** Whether a batch finds nothing; what it takes is added to the fuzzer's share. */
function passes(share: Share, batch: Batch): boolean {
  const { fuzzer } = share;
  const started = Date.now();
  const limit = Math.max(0, deadline - started) + SHRINKING;
  const { inputs, failure } = fuzzer.run({ ...batch, limit });
  share.inputs += inputs;
  share.time += Date.now() - started;
  if (failure) report(fuzzer.name, batch.seed, failure);
  return failure === null;
}

/** Writes the input of a failure where it can be looked at, and prints how to come to it again. */
function report(name: string, seed: number, { message, files }: Failure): void {
  const directory = mkdtempSync(join(tmpdir(), `kvm-regs-fuzz-${name}-`));
  for (const [path, text] of files) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const tree = root === undefined ? '' : ` ${root}`;
  console.log(`${name}, seed ${seed}: ${message}`);
  console.log(`The input: ${directory}`);
  console.log(`Again: npm run fuzz -- --only ${name} --seed ${seed}${tree}`);
}

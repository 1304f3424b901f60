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
import { sampleTrees } from './sampleTrees.js';

// Runs all fuzzers in turn, a seed each, until the time is over or one of them found something.

/** Inputs of each seed: few, so that the fuzzers take turns and a failure is found again soon. */
const INPUTS = 20;

/** How long a failed input may be made smaller when the time is over. Milliseconds. */
const SHRINKING = 20_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string' }, only: { type: 'string' } },
});
const [root] = positionals;
const fuzzers = fuzzersOf(await parser(), root === undefined ? sampleTrees() : [treeAt(root)]);
const chosen = fuzzers.filter(({ name }) => values.only === undefined || name === values.only);
if (chosen.length === 0) throw new Error(`--only takes ${fuzzers.map(({ name }) => name).join(', ')}`);
const firstSeed = Number(values.seed ?? Date.now() % 1_000_000_000);
const deadline = Date.now() + Number(values.minutes) * 60_000;
const tried = new Map(chosen.map(({ name }) => [name, 0]));

if (!hasCpp()) console.log('gcc is not there: the macro expander is not compared with it');
process.exitCode = run() ? 0 : 1;
console.log([...tried].map(([name, inputs]) => `${name}: ${inputs} inputs`).join('\n'));

/** Whether nothing was found. */
function run(): boolean {
  const kept =
    root === undefined ? chosen.flatMap((fuzzer) => keptSeeds(fuzzer.name).map((batch) => ({ fuzzer, batch }))) : [];
  if (!kept.every(({ fuzzer, batch }) => passes(fuzzer, batch))) return false;
  for (let seed = firstSeed; Date.now() < deadline; seed++) {
    for (const fuzzer of chosen) if (!passes(fuzzer, { seed, inputs: INPUTS })) return false;
  }
  return true;
}

function passes(fuzzer: Fuzzer, batch: Batch): boolean {
  const limit = Math.max(0, deadline - Date.now()) + SHRINKING;
  const { inputs, failure } = fuzzer.run({ ...batch, limit });
  tried.set(fuzzer.name, (tried.get(fuzzer.name) ?? 0) + inputs);
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

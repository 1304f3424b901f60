import process from 'node:process';
import { BACKENDS, entryInstructions } from '../server/src/backends/registry.js';
import { functionMoves } from '../server/src/facts/assembly/asmFunction.js';
import { enteringFunctions } from '../server/src/facts/assembly/guestEntries.js';
import { includeReader, type TreeFile } from '../server/src/facts/assembly/includes.js';
import { readAssembly, readAssemblyText } from '../server/src/syntax/assembler/readAssembly.js';

const RUNS = 30;

/** Milliseconds of CPU time, warm: to assemble a tree's files that enter a guest, as a 64-bit kernel does, and to follow their flow. */
export interface WorldSwitchTimes {
  readonly assemble: number;
  readonly follow: number;
}

/** Medians over several runs, summed over the files. */
export function worldSwitchTimes(files: readonly TreeFile[]): WorldSwitchTimes {
  const environments = includeReader(files);
  const instructions = entryInstructions(BACKENDS);
  const own = files.filter(({ path }) => path.endsWith('/vmenter.S'));
  const times = own.map((file) => {
    const assemble = () => readAssembly(readAssemblyText(file.text), environments.environment(file, 8));
    const code = assemble();
    const entering = { instructions, functions: enteringFunctions(code.instructions, instructions) };
    const context = {
      entering,
      exitLabels: new Set<string>(),
      noReturn: new Set<string>(),
      inC: new Set<string>(),
      withoutArguments: new Set<string>(),
    };
    const follow = () => functionMoves(code, 8, context);
    return { assemble: medianTime(assemble), follow: medianTime(follow) };
  });
  return {
    assemble: times.reduce((sum, time) => sum + time.assemble, 0),
    follow: times.reduce((sum, time) => sum + time.follow, 0),
  };
}

function medianTime(work: () => unknown): number {
  const times = Array.from({ length: RUNS }, () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return times.sort((a, b) => a - b)[RUNS >> 1] ?? 0;
}

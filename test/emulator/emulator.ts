import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EMULATOR_FILES } from '../emulatorFiles.js';
import { buildProgram, type WorldSwitchSource } from './program.js';

/** Debian's Python has python3-unicorn; another that comes first in PATH may not. */
const PYTHON = '/usr/bin/python3';

/** A number, or the address of the vCPU or of its register array. */
type Argument = number | 'vcpu' | 'regs';

/** How a world switch is called. */
export interface Call {
  readonly function: string;
  readonly arguments: readonly Argument[];
  /** The label at which VM-exit arrives; null where that is behind VM-entry. */
  readonly exit: string | null;
  /** What symbols outside of the program hold. */
  readonly variables: Readonly<Record<string, Argument>>;
  /** What functions outside of the program return. */
  readonly results: Readonly<Record<string, Argument>>;
}

/** What was seen of one call: see emulate.py. */
export interface Run {
  /** Registers that held their slot's value at a VM-entry. */
  readonly load: readonly string[];
  /** Registers whose guest value was in their slot at the end. */
  readonly store: readonly string[];
  readonly end: 'return' | 'fault' | 'limit' | 'unsupported';
  /** VM-entries. */
  readonly entries: number;
}

/** A world switch and the calls to do. */
export interface Experiment {
  readonly source: WorldSwitchSource;
  readonly calls: readonly Call[];
}

/** Milliseconds for a test file's programs to be compiled in, on a machine that has other work. */
export const BUILD_TIMEOUT = 60_000;

/** The runs of each experiment's calls; null for one that does not assemble. */
export function emulate(experiments: readonly Experiment[]): (readonly Run[] | null)[] {
  const directory = mkdtempSync(join(tmpdir(), 'kvm-regs-emulator-'));
  try {
    const built = experiments.map(({ source }, i) => buildProgram(source, join(directory, String(i))));
    const programs = experiments.flatMap(({ calls }, i) => {
      const elf = built[i] ?? null;
      return elf === null ? [] : calls.map((call) => ({ ...call, elf }));
    });
    const runs = runAll(programs);
    return experiments.map(({ calls }, i) => (built[i] === null ? null : runs.splice(0, calls.length)));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The runs of an experiment that must assemble. */
export function runsOf(result: readonly Run[] | null | undefined): readonly Run[] {
  if (!result) throw new Error('the world switch does not assemble');
  return result;
}

function runAll(programs: readonly (Call & { readonly elf: string })[]): Run[] {
  const script = join(EMULATOR_FILES, 'emulate.py');
  const { stdout, stderr, status, error } = spawnSync(PYTHON, [script], {
    input: JSON.stringify(programs),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`emulate.py failed: ${stderr}`);
  return JSON.parse(stdout) as Run[];
}

/** What the emulator lacks here: programs and packages. */
export function lackingTools(): readonly string[] {
  return [
    ...['gcc', 'ld', 'nm'].filter((tool) => spawnSync(tool, ['--version']).status !== 0),
    ...(spawnSync(PYTHON, ['-c', 'import unicorn']).status === 0 ? [] : ['python3-unicorn']),
  ];
}

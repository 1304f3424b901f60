import { beforeAll, expect, it } from 'vitest';
import { answersOf, arrayPlace, CLASSIC_GPRS, DIRECTIONS, flowReader, type Answers } from '../slotAnswers.js';
import { describeEmulated } from './describeEmulated.js';
import { BUILD_TIMEOUT, emulate, type Experiment, type Run } from './emulator.js';
import { callsOf, SAMPLE_SWITCHES, sampleTexts, type WorldSwitch } from './sampleSwitches.js';

/** The samples whose world switches differ. */
const SAMPLES = ['load-store-regs', 'vcpu-offsets'];

/** Every so many lines, one is taken out. */
const STEP = 5;

/** A world switch without one of its lines. */
interface Deletion {
  readonly title: string;
  readonly answers: Answers;
  readonly experiment: Experiment;
}

/** The lines of a function that are instructions, or uses of macros, and can be taken out alone: 0-based. */
function deletableLines(lines: readonly string[], name: string): number[] {
  const first = lines.findIndex((line) => line.startsWith('SYM_FUNC_START') && line.includes(`(${name})`));
  const last = lines.findIndex((line) => line.startsWith('SYM_FUNC_END') && line.includes(`(${name})`));
  return lines.flatMap((line, at) => {
    const isInstruction = /^(?:\d+:)?\t[a-z]\w*(?:[ \t]|$)/i.test(line) && !line.includes('EXTABLE');
    const isWhole = !line.endsWith('\\') && lines[at - 1]?.endsWith('\\') !== true;
    return at > first && at < last && isInstruction && isWhole ? [at] : [];
  });
}

/** A line without its instruction: a label stays. */
function withoutInstruction(line: string): string {
  return /^\d+:/.exec(line)?.[0] ?? '';
}

function deletionsOf(one: WorldSwitch): Deletion[] {
  const files = sampleTexts(one.tree);
  const lines = (files[one.path] ?? '').split('\n');
  const read = flowReader(files, one.path);
  const array = arrayPlace(files, one.arrayArgument);
  const deletable = deletableLines(lines, one.function).filter((_, i) => i % STEP === 0);
  return deletable.map((at) => {
    const text = lines.map((line, i) => (i === at ? withoutInstruction(line) : line)).join('\n');
    const flow = read(text).get(one.function);
    return {
      title: `${one.tree}/${one.path}:${String(at + 1)} without ${lines[at]?.trim() ?? ''}`,
      answers: flow ? answersOf(flow, array) : new Map(),
      experiment: {
        source: { files: { ...files, [one.path]: text }, path: one.path, isPatched: false },
        calls: callsOf(one),
      },
    };
  });
}

/**
 * Claims that runs refute. What is found must be seen where the runs go on to it, and what is absent must not be seen: in a
 * slot, where they came to their end.
 */
function refuted({ title, answers }: Deletion, runs: readonly Run[]): string[] {
  const isWhole = runs.every(({ end }) => end === 'return' || end === 'fault');
  const isEntered = runs.some(({ entries }) => entries > 0);
  const isReturned = runs.every(({ end }) => end === 'return');
  return DIRECTIONS.flatMap((direction) =>
    CLASSIC_GPRS.flatMap((gpr) => {
      const kind = answers.get(`${direction} ${gpr}`)?.kind;
      const isSeen = runs.some((run) => run[direction].includes(gpr));
      const mustSee = isWhole && (direction === 'load' || isEntered);
      const mustNotSee = direction === 'load' || isReturned;
      const isWrong = (kind === 'found' && !isSeen && mustSee) || (kind === 'absent' && isSeen && mustNotSee);
      const ends = runs.map(({ end }) => end).join();
      return isWrong ? [`${title}: ${direction} ${gpr} is ${kind}, runs end with ${ends}`] : [];
    }),
  );
}

describeEmulated('a world switch without one of its instructions, run', () => {
  const deletions = SAMPLE_SWITCHES.filter(({ tree }) => SAMPLES.includes(tree)).flatMap(deletionsOf);
  let results: ReturnType<typeof emulate> = [];
  beforeAll(() => {
    results = emulate(deletions.map(({ experiment }) => experiment));
  }, BUILD_TIMEOUT);

  it('refutes nothing that is said of it', () => {
    expect(results.filter((runs) => runs !== null).length).toBeGreaterThan(20);
    expect(deletions.flatMap((deletion, i) => refuted(deletion, results[i] ?? []))).toEqual([]);
  });
});

import { registerNames } from '../syntax/x86/registerNames.js';
import { evidenceText } from '../explain/explanation.js';
import type { RunStep } from './runStep.js';
import { stepText } from './stepWords.js';
import type { Timeline } from './timeline.js';

/** A line of a run as text. */
interface TimelineLine {
  readonly text: string;
  readonly isHeading: boolean;
}

/** Runs as lines of text: a heading for each run, one for each part, a line for each step, ending with its place in the source. */
export function timelineLines(runs: readonly Timeline[]): TimelineLine[] {
  return runs.flatMap((run, i) => [...(i === 0 ? [] : [plain('')]), ...runLines(run)]);
}

function plain(text: string): TimelineLine {
  return { text, isHeading: false };
}

function runLines({ title, begins, steps, unknown }: Timeline): TimelineLine[] {
  const head = { text: `${title}: a run from ${begins.join(', ') || 'where it is entered'}`, isHeading: true };
  const entering = new Set(steps.flatMap((step) => (step.kind === 'enter' ? enteringFunctions(step) : [])));
  const body = steps.flatMap((step, i) => {
    const isFirst = step.part !== steps[i - 1]?.part;
    const condition = step.conditions.length > 0 ? [`      if ${step.conditions.join(' && ')}`] : [];
    const caller = entering.has(step.function) ? '' : callerText(step);
    return [
      ...(isFirst ? ['', step.part === 'guest' ? 'the guest runs' : step.part] : []),
      `  ${String(i + 1).padStart(2)}. ${stepText(step)} ${evidenceText(step)}${caller}`,
      ...condition,
    ];
  });
  const open = unknown.map(({ registers, text }) =>
    registers.length > 0 ? `  ${registerNames(registers)}: ${text}` : `  ${text}`,
  );
  return [head, ...[...body, ...(open.length > 0 ? ['', 'not known', ...open] : [])].map(plain)];
}

/** The functions from the beginning of the run down to the one that enters the guest. */
function enteringFunctions({ calls, function: fn }: RunStep): string[] {
  return [...calls.map((call) => call.function), fn];
}

/** Who calls a helper: the nearest caller. */
function callerText({ calls }: RunStep): string {
  const caller = calls.at(-1);
  return caller ? `, called by ${caller.function} ${evidenceText(caller)}` : '';
}

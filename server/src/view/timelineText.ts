import { registerNames } from '../explain/registerNames.js';
import { evidenceText } from '../explain/explanation.js';
import type { RunStep } from './runStep.js';
import { stepText } from './stepWords.js';
import type { Timeline } from './timeline.js';

/** Runs as text: a heading for each part, a line for each step, ending with its place in the source. */
export function timelineText(runs: readonly Timeline[], bold: (text: string) => string): string {
  return runs.map((run) => runText(run, bold)).join('\n');
}

function runText({ title, begins, steps, unknown }: Timeline, bold: (text: string) => string): string {
  const lines = [bold(`${title}: a run from ${begins.join(', ') || 'where it is entered'}`)];
  const entering = new Set(steps.flatMap((step) => (step.kind === 'enter' ? enteringFunctions(step) : [])));
  let part = '';
  for (const [i, step] of steps.entries()) {
    if (step.part !== part) lines.push('', step.part === 'guest' ? 'the guest runs' : step.part);
    part = step.part;
    const condition = step.conditions.length > 0 ? `\n      if ${step.conditions.join(' && ')}` : '';
    const caller = entering.has(step.function) ? '' : callerText(step);
    lines.push(`  ${String(i + 1).padStart(2)}. ${stepText(step)} ${evidenceText(step)}${caller}${condition}`);
  }
  if (unknown.length > 0) lines.push('', 'not known');
  for (const { registers, text } of unknown)
    lines.push(registers.length > 0 ? `  ${registerNames(registers)}: ${text}` : `  ${text}`);
  return `${lines.join('\n')}\n`;
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

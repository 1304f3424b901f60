import type { AsmInstruction } from '../../server/src/syntax/assembler/instruction.js';
import { operandText } from '../../server/src/syntax/assembler/operandText.js';
import type { Doubt } from '../../server/src/syntax/flow/doubt.js';
import type { ObservedStep } from '../../server/src/syntax/flow/flowObserver.js';
import { stateAtBeginning } from '../../server/src/syntax/flow/machineState.js';
import type { ObservedRoot } from '../../server/src/syntax/flow/worldSwitchFlow.js';
import { lineAt, type SourceText } from '../../server/src/syntax/text/sourceText.js';
import { stateChanges, type OriginNames } from './stateChanges.js';

/** The steps on the ways from one root. */
export interface Trace {
  readonly root: ObservedRoot;
  readonly steps: readonly ObservedStep[];
}

/** Columns of what stands left of the changes. */
const LEFT = 72;

/**
 * A trace as objtool prints one: each instruction with what it changes in the state, and nothing of what stays. The root's
 * own code comes first, then that of the functions that it calls; each begins with all that differs from the state at the
 * root's beginning. Where control arrives from elsewhere too, what differs from the line before stands beside the label.
 */
export function traceText(source: SourceText, { root, steps }: Trace): string {
  const names = namesIn(source, root);
  const parts = partsOf(root, steps).map((part) => partLines(source, part, names));
  return [titleOf(root), ...parts.flat()].map((line) => `${line}\n`).join('');
}

function namesIn(source: SourceText, { graph }: ObservedRoot): OriginNames {
  return {
    lineOfNode: (node) => {
      const { instruction, alternative } = graph.nodes[node] ?? {};
      const place = instruction ?? alternative;
      return place ? lineAt(source, place.start) : null;
    },
    doubtText: ({ kind, name, start }: Doubt) => `${kind} ${name}:${String(lineAt(source, start))}`,
  };
}

/** The steps of each function, the root's first. */
function partsOf({ name }: ObservedRoot, steps: readonly ObservedStep[]): (readonly ObservedStep[])[] {
  const parts = new Map<string | null, ObservedStep[]>([[name, []]]);
  for (const step of steps) {
    const part = parts.get(step.instruction.function);
    if (part) part.push(step);
    else parts.set(step.instruction.function, [step]);
  }
  return [...parts.values()];
}

function partLines(source: SourceText, steps: readonly ObservedStep[], names: OriginNames): string[] {
  let state = stateAtBeginning(8);
  return steps.flatMap((step) => {
    const arrival = stateChanges(state, step.before, names);
    state = step.after;
    const changes = [
      ...(step.before.isAfterEntry === step.after.isAfterEntry ? [] : ['the guest runs, then VM-exit']),
      ...stateChanges(step.before, step.after, names),
      ...step.doubts.map((doubt) => `not understood: ${names.doubtText(doubt)}`),
    ];
    const place = `${source.path}:${String(lineAt(source, step.instruction.start))}`;
    const hasHead = step.instruction.labels.length > 0 || arrival.length > 0;
    return [
      ...(hasHead ? beside(headOf(step), arrival) : []),
      ...beside(`${place}  ${instructionText(step.instruction)}`, changes),
    ];
  });
}

function titleOf({ name, configuration }: ObservedRoot): string {
  const decided = configuration.key.replaceAll('\n', ', ');
  return `${name ?? 'asm'}${decided === '' ? '' : ` with ${decided}`}`;
}

function headOf({ instruction, before }: ObservedStep): string {
  const label = instruction.labels.map((name) => `${name}:`).join(' ');
  return `-- ${label === '' ? 'here' : label}${before.isAfterEntry ? ' (after VM-entry)' : ''}`;
}

/** Changes to the right of a text, one a line. */
function beside(left: string, changes: readonly string[]): string[] {
  const [first, ...more] = changes;
  if (first === undefined) return [left];
  return [`${left.padEnd(LEFT)} ${first}`, ...more.map((change) => `${' '.repeat(LEFT)} ${change}`)];
}

/** An instruction as the assembler sees it, after the macro that it comes out of. */
function instructionText({ expansion, prefixes, mnemonic, operands }: AsmInstruction): string {
  const [macro] = expansion;
  const words = [...prefixes, mnemonic].join(' ');
  const text =
    operands.length > 0
      ? `${words} ${operands.map((operand) => operandText(operand, ({ name }) => name)).join(', ')}`
      : words;
  return macro ? `[${macro.name}] ${text}` : text;
}

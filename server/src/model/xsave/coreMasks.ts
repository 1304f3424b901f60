import type { FileFacts } from '../../facts/fileFacts.js';
import { callsOf } from '../callIndex.js';
import type { ComponentFacts } from '../../facts/xsave/componentFacts.js';
import { CORE_VARIABLES, type MaskWrite } from '../../facts/xsave/maskWrites.js';
import { wordsIn } from '../../syntax/conditions/condition.js';
import { isTest, type Guard } from '../../syntax/conditions/guard.js';
import { evaluate, frameOfCall, stepsOn, type MaskFrame, type MaskScope } from './maskEvaluation.js';
import { maskFunction, maskFunctions, type MaskFunction } from './maskFunctions.js';
import { EVERY, possible } from './maskValue.js';

/**
 * The components that the FPU core takes out of those that it has enabled, at boot and in any case: what its masks are narrowed
 * to lacks them, in a function that is called under no condition.
 */
export function turnedOffComponents(files: readonly FileFacts[], facts: ComponentFacts): bigint {
  const scope: MaskScope = { facts, functions: maskFunctions(files), isLeftOut: () => false };
  const narrowing = files.flatMap(({ source, tellingFunctions }) =>
    tellingFunctions.flatMap(({ start, facts: { name, xsave } }) => {
      const [mask, another] = xsave?.masks ?? [];
      return mask && !another ? [{ mask, fn: maskFunction(name, source, start, mask) }] : [];
    }),
  );
  const conditional = conditionalFunctions(files, new Set(narrowing.map(({ fn }) => fn.name)));
  return narrowing
    .filter(({ fn }) => !conditional.has(fn.name))
    .reduce((off, { fn, mask }) => off | narrowedBy(scope, fn, mask.writes), 0n);
}

function narrowedBy(scope: MaskScope, fn: MaskFunction, writes: readonly MaskWrite[]): bigint {
  const frame: MaskFrame = { fn, given: [], depth: 0 };
  const own = writes.flatMap((step) => (step.register === 'core' ? [{ frame, step }] : []));
  const byAddress = fn.calls.flatMap((call) =>
    call.arguments.flatMap((argument, index) => {
      const isCore = argument.kind === 'object' && CORE_VARIABLES.has(argument.name);
      const inner = isCore && call.guards.every(isExit) ? frameOfCall(scope, frame, call) : null;
      return inner ? stepsOn(scope, inner, { index, path: '*' }) : [];
    }),
  );
  return [...own, ...byAddress].reduce((off, { frame: at, step }) => {
    const isNarrowing = step.operator === '&=' || (step.operator === '=' && step.value.kind === 'and');
    if (!isNarrowing || !step.guards.every(isExit)) return off;
    return off | (EVERY & ~possible(evaluate(scope, at, step.value).value));
  }, 0n);
}

/** Those of some functions that are called, and under conditions only. */
function conditionalFunctions(files: readonly FileFacts[], names: ReadonlySet<string>): ReadonlySet<string> {
  return new Set(
    [...names].filter((name) => {
      const calls = callsOf(files, name);
      return calls.length > 0 && !calls.some(({ call }) => call.guards.every(isExit));
    }),
  );
}

/** Whether a guard is no more than that a function was not left because there is no FPU or XSAVE, or nothing to enable. */
function isExit(guard: Guard): boolean {
  if (!isTest(guard)) return true;
  return guard.kind === 'exit' && wordsIn(guard.condition).some((word) => AT_ALL.has(word));
}

/** What tells whether anything is enabled at all (asm/cpufeatures.h), and the variables that hold what is. */
const AT_ALL: ReadonlySet<string> = new Set([
  ...['X86_FEATURE_FPU', 'X86_FEATURE_XSAVE'],
  ...[...CORE_VARIABLES].map((name) => name.slice(name.lastIndexOf('.') + 1)),
]);

import { wordsIn } from '../syntax/conditions/condition.js';
import { isTest, shownConjuncts, type Guard } from '../syntax/conditions/guard.js';

/** Conditions that a line has room for; of more, the innermost say most of a statement. */
const MOST_CONDITIONS = 4;

/** ` if a && b, unless an earlier step fails`: under which conditions something is done; '' for none. */
export function conditionsText(guards: readonly Guard[]): string {
  const tests = guards.filter(isTest);
  const told = withoutFailures(tests);
  const shown = shownConjuncts(told.slice(-MOST_CONDITIONS));
  const left = told.length - shown.length;
  const fails = told.length < tests.length ? [FAILURE] : [];
  if (shown.length === 0) return fails.length === 0 ? '' : ` ${FAILURE}`;
  const further = left > 0 ? [`and ${String(left)} further condition${left > 1 ? 's' : ''} around that`] : [];
  return ` if ${[shown.join(' && '), ...further, ...fails].join(', ')}`;
}

const FAILURE = 'unless an earlier step fails';

/** Guards without those that say no more than that what was done before has not failed. */
export function withoutFailures(guards: readonly Guard[]): readonly Guard[] {
  return guards.filter((guard) => !isEarlierFailure(guard));
}

/** `!(ret)` behind `if (ret) return ret;`, and the like: by the names that the kernel has for a call's result, and its tests of one. */
function isEarlierFailure(guard: Guard): boolean {
  if (guard.kind !== 'exit') return false;
  const words = wordsIn(guard.condition);
  const [first = ''] = words;
  if (TESTS.has(first)) return true;
  return RESULTS.has(first) && words.slice(1).every((word) => /^(?:E[A-Z]+|\d+)$/.test(word));
}

const RESULTS: ReadonlySet<string> = new Set(['r', 'ret', 'rc', 'err', 'error']);

/** linux/err.h. */
const TESTS: ReadonlySet<string> = new Set(['IS_ERR', 'IS_ERR_OR_NULL']);

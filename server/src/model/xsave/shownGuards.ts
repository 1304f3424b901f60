import { distinctGuards, type Guard } from '../../syntax/conditions/guard.js';
import { wordsIn } from '../../syntax/conditions/condition.js';

/** Guards as they are shown: each once, KVM's own configuration left out. */
export function shownGuards(guards: readonly Guard[]): Guard[] {
  return distinctGuards(guards.filter((guard) => !isKvmConfig(guard)));
}

/** Whether a guard says only that KVM is there: the FPU core has code for it alone. */
function isKvmConfig(guard: Guard): boolean {
  if (guard.kind === 'case' || guard.negated) return false;
  const [first, second, third] = wordsIn(guard.condition);
  const name = first === 'IS_ENABLED' ? second : first;
  return name === 'CONFIG_KVM' && (name === first ? second : third) === undefined;
}

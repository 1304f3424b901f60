import { memoizeStepsByIdentity } from '../../cache/memoize.js';
import { checkSteps } from '../../check/checkTree.js';
import { RULES } from '../../check/rules.js';
import type { RegisterModel } from '../../model/registerModel.js';

/** What `kvm-regs check` finds in a tree: made once for each model, whoever asks. */
export const findingsOf = memoizeStepsByIdentity((model: RegisterModel) => checkSteps(model, RULES));

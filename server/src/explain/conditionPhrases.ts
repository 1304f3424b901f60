import type { RegisterModel } from '../model/registerModel.js';
import { isTest, shownGuard, type Guard } from '../syntax/conditions/guard.js';
import { isBalanced } from './balanced.js';
import { code, joinPhrases, type Phrase } from './explanation.js';

/** Conditions that a line has room for. */
const MOST_CONDITIONS = 2;

/** Under which conditions a statement is done, behind what it does: `, if dirty and enable_ept`; nothing for none that tells a reader something. */
export function conditionPhrases(model: RegisterModel, guards: readonly Guard[]): Phrase[] {
  const bit = bitTested(model, guards);
  const shown = guards.filter((guard) => isTelling(model, guard)).slice(-MOST_CONDITIONS);
  const conditions = [...(bit === null ? [] : [bit]), ...shown.map((guard) => code(withoutHint(shownGuard(guard))))];
  return conditions.length === 0 ? [] : [', if ', ...joinPhrases(conditions, ' and ')];
}

/** What guards ask of the register's own bits: `dirty`, which is available too; `available`; null for neither. */
export function bitTested({ phases }: RegisterModel, guards: readonly Guard[]): 'dirty' | 'available' | null {
  if (phases.testsDirty(guards)) return 'dirty';
  return phases.testsAvailable(guards) ? 'available' : null;
}

/** Not which case it is, nor an earlier exit, nor an option of the build, nor a test of the register's own bits. */
function isTelling({ phases }: RegisterModel, guard: Guard): boolean {
  if (guard.kind === 'case' || guard.kind === 'exit' || !isTest(guard) || phases.testsRegister(guard)) return false;
  return !(guard.kind === 'config' && !guard.negated && guard.condition.kind === 'value');
}

/** A condition without the `likely()` or `unlikely()` around all of it, which says nothing of when it holds (linux/compiler.h). */
function withoutHint(text: string): string {
  const inner = /^(?:un)?likely\((.*)\)$/.exec(text)?.[1];
  return inner === undefined || !isBalanced(inner) ? text : inner;
}

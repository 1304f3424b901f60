import { sourceOf } from '../model/query/text.js';
import type { ModelProblem } from '../model/modelProblem.js';
import type { RegisterModel } from '../model/registerModel.js';
import { allSteps, type Steps } from '../model/steps.js';
import type { Finding, Rule } from './finding.js';
import { isSuppressed } from './suppressions.js';

/**
 * What keeps mistakes in register tracking from being judged: files and parts of files that are there and could not be read. What
 * a rule misses elsewhere may stand there, so that no tracking rule finds anything while there are any. Sources that are not
 * there leave open what concerns their own module.
 */
export function unjudged({ unread }: RegisterModel): readonly ModelProblem[] {
  return unread.filter(({ builtWith }) => builtWith === undefined);
}

/** What rules find in a tree, in the order of files and offsets, without what its comments silence. */
export function checkTree(model: RegisterModel, rules: readonly Rule[]): Finding[] {
  return allSteps(checkSteps(model, rules));
}

/** {@link checkTree} in steps, one for each rule; notes which rule the next step is of. */
export function* checkSteps(model: RegisterModel, rules: readonly Rule[]): Steps<Finding[], string> {
  const found: Finding[] = [];
  const isJudged = unjudged(model).length === 0;
  for (const rule of rules) {
    yield rule.id;
    if (isJudged || rule.family !== 'tracking') found.push(...rule.find(model));
  }
  return found
    .filter((finding) => {
      const source = sourceOf(model, finding.file);
      return !source || !isSuppressed(source, finding);
    })
    .sort(byPlace);
}

function byPlace(a: Finding, b: Finding): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.span.start - b.span.start || (a.rule < b.rule ? -1 : Number(a.rule > b.rule));
}

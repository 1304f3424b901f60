import { expect, it } from 'vitest';
import { conditionsText } from '../../server/src/explain/conditionsText.js';
import { readCondition } from '../../server/src/syntax/conditions/condition.js';
import type { Guard, GuardKind } from '../../server/src/syntax/conditions/guard.js';

const guard = (kind: GuardKind, text: string, negated: boolean): Guard => ({
  kind,
  condition: readCondition(text),
  negated,
});
const exit = (text: string) => guard('exit', text, true);
const inside = (text: string) => guard('if', text, false);

it.each([
  [[], ''],
  [[inside('a')], ' if a'],
  [[exit('r')], ' unless an earlier step fails'],
  [[exit('ret == -EFAULT'), inside('npt_enabled')], ' if npt_enabled, unless an earlier step fails'],
  [[exit('err < 0'), exit('IS_ERR(page)'), exit('is_smm(vcpu)')], ' if !(is_smm(vcpu)), unless an earlier step fails'],
  // What is asserted may be a feature.
  [[exit('WARN_ON_ONCE(!has_apx())')], ' if !(WARN_ON_ONCE(!has_apx()))'],
  // A variable of another name may be what a reader asks for; so may a result that code branches on.
  [[exit('init_event')], ' if !(init_event)'],
  [[inside('ret')], ' if ret'],
  [[exit('ret == other')], ' if !(ret == other)'],
  [[guard('asserted', 'a', true)], ''],
  [['a', 'b', 'c', 'd', 'e', 'f'].map(inside), ' if c && d && e && f, and 2 further conditions around that'],
])('conditions as a line has them: %j', (guards, expected) => {
  expect(conditionsText(guards)).toBe(expected);
});

import type { ConditionedMove } from '../model/query/conditionWords.js';
import { groupBy } from '../model/groupBy.js';
import type { RegisterModel } from '../model/registerModel.js';
import { flagSettings, type FlagSetting } from '../model/query/egprs.js';
import { conjunctionText, isTest, shownGuard } from '../syntax/conditions/guard.js';
import { fewLines, lineEvidence } from './evidence.js';
import { code, joinPhrases, statement, strong, type Explanation, type Phrase, type Statement } from './explanation.js';
import { registerNames } from '../syntax/x86/registerNames.js';
import { wordsOf } from './words.js';

/** What hangs on a word that conditions test: `enable_ept`, `is_sev_es_guest`. */
export function explainCondition(model: RegisterModel, name: string, moves: readonly ConditionedMove[]): Explanation {
  const names = [...new Set(moves.map(({ register }) => register.register))];
  const backends = [...new Set(moves.map(({ backend }) => wordsOf(model).backend(backend)))];
  return {
    subject: { kind: 'condition', name },
    answer: statement([
      strong(name),
      `: decides how ${registerNames(names)} ${names.length > 1 ? 'are' : 'is'} moved on ${backends.join(', ')}`,
    ]),
    owners: [],
    notes: [
      ...[...groupBy(moves, groupKey).values()].map((group) => moveNote(model, name, group)),
      ...flagSettings(model, name).map((setting) => settingNote(model, setting)),
    ],
  };
}

/** `Set by vmx_run_flags if vmx->vcpu.arch.xcr0 & XFEATURE_MASK_APX`: of a flag that assembly tests. */
function settingNote(model: RegisterModel, { function: fn, file, offset, guards }: FlagSetting): Statement {
  const tests = guards.filter(isTest);
  const condition: Phrase[] = tests.length > 0 ? [' if ', code(conjunctionText(tests))] : [];
  return statement(['Set by ', code(fn), ...condition], [lineEvidence(model, file, offset)]);
}

function groupKey({ backend, transfer: { function: fn, conditions }, direction, when }: ConditionedMove): string {
  return [backend, fn, direction, when?.text ?? '', ...conditions.map(shownGuard)].join(' ');
}

function moveNote(model: RegisterModel, name: string, group: readonly ConditionedMove[]): Statement {
  const [first] = group;
  if (!first) return statement([]);
  const { transfer, direction, backend } = first;
  const registers = registerNames([...new Set(group.map(({ register }) => register.register))]);
  const texts = [...(first.when ? [first.when.text] : []), ...transfer.conditions.map(shownGuard)];
  const under = [...new Set(texts.filter((text) => text.split(/\W+/).includes(name)))];
  const condition: Phrase[] = under.length > 0 ? [' if ', ...joinPhrases(under.map(code), ' and ')] : [];
  const way = direction === 'load' ? 'to the register cache' : 'to hardware';
  return statement(
    [`${wordsOf(model).backend(backend)}: ${registers} ${way} by `, code(transfer.function), ...condition],
    fewLines(group.map((move) => move.transfer)),
  );
}

import { fileOffset } from '../model/callGraph.js';
import { flagSetters, type ConditionedCall } from '../model/query/conditionedCalls.js';
import type { ConditionCopy } from '../model/query/conditionCopies.js';
import type { ConditionedMove } from '../model/query/conditionWords.js';
import { decidedHere } from '../model/query/decidedHere.js';
import { sourceOf, type FileSpan } from '../model/query/text.js';
import { fewNames } from './moveGroups.js';
import { groupBy } from '../model/groupBy.js';
import { functionAt } from '../model/query/functions.js';
import type { RegisterModel } from '../model/registerModel.js';
import { flagSettings, type FlagSetting } from '../model/query/egprs.js';
import { conjunctionText, isTest, shownGuard } from '../syntax/conditions/guard.js';
import { fewLines, lineEvidence } from './evidence.js';
import { code, joinPhrases, statement, strong, type Explanation, type Phrase, type Statement } from './explanation.js';
import { registerNames } from '../syntax/x86/registerNames.js';
import { wordsOf } from './words.js';

/** What hangs on a word that conditions test: `enable_ept`, `is_sev_es_guest`. */
export function explainCondition(
  model: RegisterModel,
  { file, start }: FileSpan,
  name: string,
  { moves, calls }: { readonly moves: readonly ConditionedMove[]; readonly calls: readonly ConditionedCall[] },
): Explanation {
  const names = [
    ...new Set([...moves.map(({ register }) => register.register), ...calls.flatMap(({ registers }) => registers)]),
  ];
  const backends = backendsOf(model, moves);
  const where = backends === '' ? '' : ` on ${backends}`;
  return {
    subject: { kind: 'condition', name },
    answer: statement([
      strong(name),
      `: decides how ${movedWords(names)}${where}`,
      ...decidedPhrases(model, { file, start, end: start + name.length }, names),
    ]),
    owners: [],
    notes: [
      ...moveNotes(model, name, moves),
      ...calls.map((call) => callNote(model, call, names.length > 1)),
      ...(calls.length > 0 ? setterNotes(model, name) : []),
      ...flagSettings(model, name).map((setting) => settingNote(model, setting)),
    ],
  };
}

/** `tdp_enabled: enable_ept on VMX, npt_enabled on SVM, by which it is decided how PDPTR CR3 are moved`: a name of common code for what vendors' modules test. */
export function explainConditionCopy(
  model: RegisterModel,
  at: FileSpan,
  name: string,
  copies: readonly ConditionCopy[],
): Explanation {
  const moves = copies.flatMap((copy) => copy.moves);
  const names = [...new Set(moves.map(({ register }) => register.register))];
  const kept = copies.map(({ of, moves: own }): Phrase[] => [code(of), ` on ${backendsOf(model, own)}`]);
  return {
    subject: { kind: 'condition', name },
    answer: statement([
      strong(name),
      ': ',
      ...kept.flatMap((phrases, i) => (i === 0 ? phrases : [', ', ...phrases])),
      `, by which it is decided how ${movedWords(names)}`,
      ...decidedPhrases(model, at, names),
    ]),
    owners: [],
    notes: copies.flatMap(({ of, moves: own }) => moveNotes(model, of, own)),
  };
}

/** `CR0 CR3 are moved` */
function movedWords(names: readonly string[]): string {
  return `${registerNames(names)} ${names.length > 1 ? 'are' : 'is'} moved`;
}

/** The backends whose registers a condition's moves are of; '' for none. */
function backendsOf(model: RegisterModel, moves: readonly ConditionedMove[]): string {
  return [...new Set(moves.map(({ backend }) => wordsOf(model).backend(backend)))].join(', ');
}

/** A note for each of the moves under a condition that are told as one. */
function moveNotes(model: RegisterModel, name: string, moves: readonly ConditionedMove[]): Statement[] {
  return [...groupBy(moves, groupKey).values()].map((group) => moveNote(model, name, group));
}

/** `; here it decides about EFER`: of a test around a word, where it is about other registers than those that are told already. */
export function decidedPhrases(
  model: RegisterModel,
  { file, start, end }: FileSpan,
  told: readonly string[],
): Phrase[] {
  const name = sourceOf(model, file)?.text.slice(start, end) ?? '';
  const names = decidedHere(model, file, start, name);
  const isTold = names.length === told.length && names.every((one) => told.includes(one));
  return names.length === 0 || isTold ? [] : [`; here it decides about ${fewNames(names)}`];
}

/** `Set by vmx_run_flags if vmx->vcpu.arch.xcr0 & XFEATURE_MASK_APX`: of a flag that assembly tests. */
function settingNote(model: RegisterModel, { function: fn, file, offset, guards }: FlagSetting): Statement {
  const tests = guards.filter(isTest);
  const condition: Phrase[] = tests.length > 0 ? [' if ', code(conjunctionText(tests))] : [];
  return statement(['Set by ', code(fn), ...condition], [lineEvidence(model, file, offset)]);
}

/** `Where it is set: svm_vcpu_run calls svm_set_dr6(vcpu, vcpu->arch.dr6)` */
function callNote(
  model: RegisterModel,
  { fn, call, registers, holds }: ConditionedCall,
  isOfSeveral: boolean,
): Statement {
  return statement(
    [
      holds ? 'Where it is set: ' : 'Where it is not: ',
      code(fn.name),
      ' calls ',
      code(`${call.callee}(${call.arguments.join(', ')})`),
      isOfSeveral ? `, ${registers.join(', ')}` : '',
    ],
    [lineEvidence(model, fn.file, fileOffset(fn, call.offset))],
  );
}

/** `Set by vcpu_enter_guest` */
function setterNotes(model: RegisterModel, flag: string): Statement[] {
  const setters = flagSetters(model, flag);
  if (setters.length === 0) return [];
  const names = setters.flatMap(({ file, start }) => functionAt(model, file, start)?.name ?? []);
  return [
    statement(
      ['Set by ', ...joinPhrases(names.map(code))],
      setters.map(({ file, start }) => lineEvidence(model, file, start)),
    ),
  ];
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

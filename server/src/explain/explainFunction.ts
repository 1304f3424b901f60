import { fileOffset, type GraphNode } from '../model/callGraph.js';
import { givenAreas } from '../model/query/areaCopies.js';
import { accessorNamed } from '../model/query/cSymbols.js';
import { definitionSpan, functionAt, isInC } from '../model/query/functions.js';
import { functionUse } from '../model/query/functionUse.js';
import { registerOf } from '../model/query/registers.js';
import { setUses } from '../model/query/sets.js';
import { sourceOf, type FileSpan } from '../model/query/text.js';
import { assignmentsDoneIn } from '../model/query/xsaveAssignments.js';
import type { RegisterModel } from '../model/registerModel.js';
import { conjunctionText } from '../syntax/conditions/guard.js';
import { registerNames } from '../syntax/x86/registerNames.js';
import { herePhrases } from './callWords.js';
import { bitTested } from './conditionPhrases.js';
import { evidenceOf, fewLines, lineEvidence } from './evidence.js';
import {
  code,
  statement,
  strong,
  type Explanation,
  type OwnerLine,
  type Phrase,
  type Statement,
} from './explanation.js';
import { fitsHover } from './fittingExplanation.js';
import { functionTitle, helperGroups, type HelperMoves } from './functionTitle.js';
import { clearedText, useNotes } from './functionUseWords.js';
import { fieldPhrases, moveGroups, summaryOf, type MoveGroup } from './moveGroups.js';
import { ownerLines } from './ownerLines.js';
import { functionSummary as switchSummary } from './xsave/explainXsaveFunction.js';

/** What a function moves between places, or clears. */
export function explainFunction(model: RegisterModel, node: GraphNode, at: FileSpan): Explanation {
  const groups = moveGroups(model, node);
  const clears: Statement[] = (node.c?.clears ?? []).map(({ offset }) =>
    statement(['Clears every GPR of the register cache'], [lineEvidence(model, node.file, fileOffset(node, offset))]),
  );
  const helpers = helperGroups(model, node);
  const use = functionUse(model, node);
  const here = [...herePhrases(model, at, node.name), ...givenAreaPhrases(model, node, at)];
  return withFittingNotes({
    subject: { kind: 'function', name: node.name },
    answer: statement(
      [
        strong(node.name),
        ': ',
        ...(here.length === 0 ? [] : [...here, ' · ']),
        [...givenMask(model, node, at), functionTitle(model, node), ...switchParts(model, node)]
          .filter((part) => part !== '')
          .join(' · '),
      ],
      [lineEvidence(model, node.file, definitionSpan(node).start)],
    ),
    owners: accessorOwners(model, node),
    notes: [
      ...groups.map((group) => groupNote(model, group)),
      ...helpers.map(helperNote),
      ...clears,
      ...useNotes(model, node, use),
    ].slice(0, MOST_NOTES),
  });
}

/** The XSAVE state that a function sets or copies beside registers, as its lens says it. */
function switchParts(model: RegisterModel, node: GraphNode): string[] {
  const assignments = isInC(node) ? assignmentsDoneIn(model, node) : [];
  return assignments.length === 0 ? [] : [switchSummary(node, assignments)];
}

/** Of an accessor that is written by hand, where the register is and how it gets to the cache: its text has that in a call. */
function accessorOwners(model: RegisterModel, { name }: GraphNode): OwnerLine[] {
  const register = registerOf(model, accessorNamed(model, name)?.member ?? null);
  return register ? ownerLines(model, register, { first: null, isShort: true }) : [];
}

/** An explanation with as many of its notes as a hover has room for; Explain has all transfers. */
function withFittingNotes(explanation: Explanation): Explanation {
  const { notes } = explanation;
  if (notes.length <= 1 || fitsHover(explanation)) return explanation;
  return withFittingNotes({ ...explanation, notes: notes.slice(0, -1) });
}

/** What a call hands to a function that copies one area to another. */
function givenAreaPhrases(model: RegisterModel, node: GraphNode, { file, start }: FileSpan): Phrase[] {
  const given = givenAreas(model, file, start, node);
  return given ? ['here from ', code(given.from), ' to ', code(given.to)] : [];
}

/** Which avail bits a call clears of a function that is given a mask: `clears the avail bits of SET here: RSP RIP`. */
function givenMask(model: RegisterModel, node: GraphNode, { file, start }: FileSpan): string[] {
  const fn = functionAt(model, file, start);
  const use = setUses(model).find(
    ({ by, fn: caller, span }) => by?.fn === node && caller === fn && isOneCall(model, start, span),
  );
  return use ? [clearedText(model, use)] : [];
}

/** Whether a mask stands among the arguments of the call whose function's name begins at an offset. */
function isOneCall(model: RegisterModel, name: number, { file, start }: FileSpan): boolean {
  return name <= start && !(sourceOf(model, file)?.text.slice(name, start).includes(';') ?? true);
}

/** Notes that a hover has room for. */
const MOST_NOTES = 10;

function helperNote({ helper, groups }: HelperMoves): Statement {
  return statement([summaryOf(groups), ' by ', code(helper.name)], fewLines(groups.flatMap((g) => g.transfers)));
}

function groupNote(model: RegisterModel, group: MoveGroup): Statement {
  const condition: Phrase[] = group.guards.length > 0 ? [', if ', code(conjunctionText(group.guards))] : [];
  const isOfCache = group.transfers.some((t) => t.from?.kind === 'cache' || t.to?.kind === 'cache');
  const fields = fieldPhrases(model, [group]);
  const [bit, otherBit] = new Set(group.transfers.map((t) => bitTested(model, t.guards)));
  const [call] = group.transfers.flatMap((t) => t.call ?? []);
  return statement(
    [
      `${registerNames(group.registers.map(({ name }) => name))}: `,
      ...(isOfCache ? ['register cache '] : givenPhrases(group)),
      group.words,
      ...(fields.length === 0 ? [] : [' (', ...fields, ')']),
      ...(bit && otherBit === undefined ? [`, if ${bit}`] : []),
      ...condition,
      ...(call ? [', called by ', code(call.function)] : []),
    ],
    [...fewLines(group.transfers), ...(call ? [evidenceOf(call)] : [])],
  );
}

/** The call, or the member of KVM's own, that a value comes from which is in no place of its own: `kvm_get_rflags(vcpu) `. */
function givenPhrases({ transfers, words }: MoveGroup): Phrase[] {
  const [first] = transfers;
  return first?.from === null && words.startsWith('->') ? [code(first.other), ' '] : [];
}

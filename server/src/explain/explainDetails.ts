import type { Place } from '../backends/place.js';
import type { Transfer } from '../backends/transfer.js';
import { groupBy } from '../model/groupBy.js';
import type { GraphNode } from '../model/callGraph.js';
import { registersBehind } from '../model/query/definedRegisters.js';
import type { Definition } from '../model/query/definitionAt.js';
import { callersOf, spanIn } from '../model/query/functions.js';
import { referencesOf, type FileReference } from '../model/query/references.js';
import { transfersOf } from '../model/query/transfers.js';
import type { Register, RegisterModel } from '../model/registerModel.js';
import { shownConjunct, shownConjuncts } from '../syntax/conditions/guard.js';
import { lineEvidence } from './evidence.js';
import { explainDefinition } from './explainAt.js';
import { code, statement, type OwnerLine, type Phrase, type Statement } from './explanation.js';
import { statementText } from './explanationText.js';
import { ownerLines } from './ownerLines.js';
import { placePhrases } from './transferPhrases.js';
import { PHASE_WORDS, wordsOf } from './words.js';

/** A list that a hover has no room for. */
export interface DetailSection {
  readonly title: string;
  readonly statements: readonly Statement[];
}

/** All that is known behind an explanation: its owners with every condition, each move, reference and call. Empty where the hover says all. */
export interface Details {
  readonly owners: readonly OwnerLine[];
  readonly sections: readonly DetailSection[];
}

/** What there is beyond the hover on a definition. */
export function explainDetails(model: RegisterModel, definition: Definition): Details {
  const registers = registersBehind(model, definition);
  const [only, another] = registers;
  const node = functionBehind(definition);
  const sections = [
    ...(node ? functionSections(model, node) : []),
    ...registers.flatMap((register) => registerSections(model, register)),
  ];
  return {
    owners: only && !another ? ownerLines(model, only, { first: null, isShort: false }) : [],
    sections: sections.filter(({ statements }) => statements.length > 0),
  };
}

/** The same, of a definition of which something is said at all; null for any other. */
export function detailsOf(model: RegisterModel, definition: Definition | null): Details | null {
  return definition && explainDefinition(model, definition) ? explainDetails(model, definition) : null;
}

function functionBehind(definition: Definition): GraphNode | null {
  return definition.kind === 'function' || definition.kind === 'xsave-function' ? definition.node : null;
}

function functionSections(model: RegisterModel, node: GraphNode): DetailSection[] {
  const moves = distinct(
    transfersOf(model, node).map(({ register, transfer }) => moveStatement(model, register, transfer)),
  );
  const calls = callersOf(model, node).map(({ caller, offset, operation }) => {
    const { file, start } = spanIn(caller, { start: offset, end: offset });
    const through: Phrase[] = operation === null ? [] : [', through ', code(operation)];
    return statement([code(caller.name), ...through], [lineEvidence(model, file, start)]);
  });
  return [
    { title: `Moves of ${node.name}`, statements: moves },
    { title: `Callers of ${node.name}`, statements: calls },
  ];
}

function registerSections(model: RegisterModel, register: Register): DetailSection[] {
  const moves = register.transfers.filter(({ from, to }) => from !== null && to !== null);
  return [
    {
      title: `Moves of ${register.register}`,
      statements: distinct(moves.map((transfer) => moveStatement(model, register, transfer))),
    },
    { title: `References to ${register.register}`, statements: referenceStatements(model, register) },
  ];
}

/** A line may move a register in two ways that read the same, as both sides of `?:` do. */
function distinct(statements: readonly Statement[]): Statement[] {
  return [...new Map(statements.map((one) => [statementText(one), one])).values()];
}

/** `RSP: VMCS GUEST_RSP -> vcpu->arch.regs[VCPU_REGS_RSP] on demand, vmx_cache_reg, if ... [vmx/vmx.c:2631]` */
function moveStatement(model: RegisterModel, { register }: Register, transfer: Transfer): Statement {
  const { from, to, phase, conditions, function: name, isIfDirty, other, file, line } = transfer;
  const guards = conditions.filter(({ kind }) => kind !== 'exit');
  const texts = isIfDirty ? ['dirty', ...guards.map(shownConjunct)] : shownConjuncts(guards);
  const condition: Phrase[] = texts.length > 0 ? [', if ', code(texts.join(' && '))] : [];
  return statement(
    [
      `${register}: `,
      ...sideOf(model, from, other),
      ' -> ',
      ...sideOf(model, to, other),
      `${PHASE_WORDS[phase].behind}, `,
      code(name),
      ...condition,
    ],
    [{ file, line }],
  );
}

function sideOf(model: RegisterModel, place: Place | null, other: string): Phrase[] {
  if (place) return placePhrases(wordsOf(model), place);
  return [other === '' ? 'a value' : code(other)];
}

/** What functions do with a register by name, function by function. */
function referenceStatements(model: RegisterModel, register: Register): Statement[] {
  const groups = groupBy(referencesOf(model, register), ({ file, reference }: FileReference) =>
    [reference.kind, reference.function ?? '', file].join(' '),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { kind, function: name } = first.reference;
    const by: Phrase[] = name === null ? [] : [' in ', code(name)];
    const lines = group.map(({ file, reference }) => lineEvidence(model, file, reference.start));
    return [statement([kind, ...by], lines)];
  });
}

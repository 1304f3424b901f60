import type { Transfer } from '../backends/transfer.js';
import type { IndexedFunction, Wrapper } from '../facts/symbols/treeSymbols.js';
import { fileOffset, type GraphNode } from '../model/callGraph.js';
import { hardwareKind } from '../model/query/backends.js';
import { directCallees } from '../model/query/functions.js';
import { architecturalName } from '../model/query/registers.js';
import { crossingOf, crossingsOf, transfersOf } from '../model/query/transfers.js';
import type { RegisterModel } from '../model/registerModel.js';
import { guardKey, shownGuard, type Guard } from '../syntax/conditions/guard.js';
import { evidenceOf, fewLines, lineEvidence } from './evidence.js';
import { code, statement, strong, type Explanation, type Phrase, type Statement } from './explanation.js';
import { shownGuards } from './ownerLines.js';
import { PHASE_WORDS, wordsOf, type Words } from './words.js';

/** Registers that move the same way at the same time under the same conditions. */
export interface MoveGroup {
  readonly words: string;
  readonly guards: readonly Guard[];
  /** Each by its name, with its place among the tree's registers. */
  readonly registers: { readonly name: string; readonly rank: number }[];
  readonly transfers: Transfer[];
}

/** What a function moves between places, or clears. */
export function explainFunction(model: RegisterModel, node: GraphNode): Explanation {
  const groups = moveGroups(model, node);
  const clears: Statement[] = (node.c?.clears ?? []).map(({ offset }) =>
    statement(['Clears every GPR of the register cache'], [lineEvidence(model, node.file, fileOffset(node, offset))]),
  );
  const helpers = helperGroups(model, node);
  const all = [...groups, ...helpers.flatMap((helper) => helper.groups)];
  const answer: Phrase[] = groups.length > 0 ? [': ', summaryOf(all)] : [': clears every GPR of the register cache'];
  return {
    subject: { kind: 'function', name: node.name },
    answer: statement([strong(node.name), ...answer]),
    owners: [],
    notes: [...groups.map(groupNote), ...helpers.map(helperNote), ...(groups.length > 0 ? clears : [])],
  };
}

/** A function that takes a register's number, where nothing says what it is given. */
export function explainIndexedFunction(model: RegisterModel, indexed: IndexedFunction): Explanation {
  const isOfEmulator = indexed.storage === 'emulator';
  return {
    subject: { kind: 'accessor', name: indexed.name },
    answer: statement(
      [
        strong('Any GPR'),
        `: ${indexed.kind.replace('-', ' ')} by the number that `,
        code(indexed.name),
        ` is given, ${isOfEmulator ? "of the emulator's copy, " : 'of the register cache, '}`,
        code(isOfEmulator ? 'ctxt->_regs[]' : 'vcpu->arch.regs[]'),
      ],
      [lineEvidence(model, indexed.file, indexed.offset)],
    ),
    owners: [],
    notes: [],
  };
}

/** A function that is built on accessors. */
export function explainWrapper(model: RegisterModel, { name, uses, file, offset }: Wrapper): Explanation {
  const registers = uses.map(
    ({ member, width, kind }) => `${architecturalName(model, member)}${width === 32 ? ', low 32 bits' : ''} (${kind})`,
  );
  return {
    subject: { kind: 'function', name },
    answer: statement(
      [strong(name), `: built on accessors, ${registers.join(', ')} of the register cache`],
      [lineEvidence(model, file, offset)],
    ),
    owners: [],
    notes: [],
  };
}

/** `RAX RSP RIP -> VMCB before VM-entry · RAX RSP RIP CR0 CR3 <- VMCB after VM-exit` */
export function summaryOf(groups: readonly MoveGroup[]): string {
  const byWords = new Map<string, MoveGroup[]>();
  for (const group of groups) byWords.set(group.words, [...(byWords.get(group.words) ?? []), group]);
  return [...byWords].map(([words, same]) => `${fewNames(namesInOrder(same))} ${words}`).join(' · ');
}

/** The registers of groups, each once, in the tree's order, whatever conditions part them. */
function namesInOrder(groups: readonly MoveGroup[]): string[] {
  const moved = groups.flatMap(({ registers }) => registers).sort((a, b) => a.rank - b.rank);
  return [...new Set(moved.map(({ name }) => name))];
}

/** Names that a line has room for. */
const MOST_NAMES = 8;

function fewNames(names: readonly string[]): string {
  if (names.length <= MOST_NAMES) return names.join(' ');
  return `${String(names.length)} registers (${names[0] ?? ''} .. ${names.at(-1) ?? ''})`;
}

/** Groups of a function's transfers, in the order of the text. */
export function moveGroups(model: RegisterModel, node: GraphNode): MoveGroup[] {
  const groups = new Map<string, MoveGroup>();
  for (const { register, rank, transfer } of crossingsOf(model, node)) {
    const words = directionWords(wordsOf(model), transfer);
    const guards = shownGuards(transfer);
    const key = `${words} ${guards.map(guardKey).join(' && ')}`;
    const group = groups.get(key) ?? { words, guards, registers: [], transfers: [] };
    groups.set(key, group);
    const name = shownRegister(model, register.register, transfer);
    if (!group.registers.some((known) => known.name === name)) group.registers.push({ name, rank });
    group.transfers.push(transfer);
  }
  const first = (group: MoveGroup) => group.transfers[0]?.offset ?? 0;
  return [...groups.values()].sort((a, b) => first(a) - first(b));
}

/** A register; with the argument of a call that its slot gets, whose name is another: `RAX (R10)`. */
function shownRegister(model: RegisterModel, register: string, { from, to }: Transfer): string {
  const place = [from, to].find((side) => side && hardwareKind(model, side.kind)?.holds === null);
  return place ? `${register} (${place.name.toUpperCase()})` : register;
}

interface HelperMoves {
  readonly helper: GraphNode;
  readonly groups: readonly MoveGroup[];
}

/** What a function that fetches on demand leaves to helpers: `ept_save_pdptrs`. */
function helperGroups(model: RegisterModel, node: GraphNode): HelperMoves[] {
  if (!transfersOf(model, node).some(({ transfer }) => transfer.phase === 'on-demand')) return [];
  return directCallees(model, node).flatMap((helper) => {
    const groups = moveGroups(model, helper).filter((group) =>
      group.transfers.some((t) => t.phase === 'on-demand' && t.to?.kind === 'cache'),
    );
    return groups.length > 0 ? [{ helper, groups }] : [];
  });
}

function helperNote({ helper, groups }: HelperMoves): Statement {
  return statement([summaryOf(groups), ' by ', code(helper.name)], fewLines(groups.flatMap((g) => g.transfers)));
}

/** How a transfer crosses the border of the cache or of hardware: `<- VMCB after VM-exit`; '' for one that does not. */
function directionWords({ place: wordsFor }: Words, transfer: Transfer): string {
  const { from, to, phase } = transfer;
  const title = (kind = '') => wordsFor(kind).title + PHASE_WORDS[phase].behind;
  switch (crossingOf(transfer)) {
    case 'out-of-hardware':
      return 'read from hardware';
    case 'into-hardware':
      return 'written to hardware';
    case 'out-of-cache':
      return `-> ${title(to?.kind)}`;
    case 'into-cache':
      return `<- ${title(from?.kind)}`;
    case null:
      return '';
  }
}

function groupNote(group: MoveGroup): Statement {
  const condition: Phrase[] = group.guards.length > 0 ? [', if ', code(group.guards.map(shownGuard).join(' && '))] : [];
  const isOfCache = group.transfers.some((t) => t.from?.kind === 'cache' || t.to?.kind === 'cache');
  const [call] = group.transfers.flatMap((t) => t.call ?? []);
  return statement(
    [
      `${group.registers.map(({ name }) => name).join(' ')}: ${isOfCache ? 'register cache ' : ''}${group.words}`,
      ...condition,
      ...(call ? [', called by ', code(call.function)] : []),
    ],
    [...fewLines(group.transfers), ...(call ? [evidenceOf(call)] : [])],
  );
}

import { fileOffset, type GraphNode } from '../model/callGraph.js';
import { placeTables } from '../backends/registry.js';
import { PHASE_WORDS, wordsOf, type Words } from './words.js';
import type { Transfer } from '../backends/transfer.js';
import { guardKey, shownGuard, type Guard } from '../syntax/conditions/guard.js';
import { lineAt } from '../syntax/text/sourceText.js';
import type { RegisterModel } from '../model/registerModel.js';
import {
  code,
  statement,
  strong,
  type Evidence,
  type Explanation,
  type Phrase,
  type Statement,
} from './explanation.js';
import { evidenceOf, shownGuards } from './ownerLines.js';

/** Registers that move the same way at the same time under the same conditions. */
interface MoveGroup {
  readonly words: string;
  readonly guards: readonly Guard[];
  /** Each by its name, with its place among the tree's registers. */
  readonly registers: { readonly name: string; readonly rank: number }[];
  readonly transfers: Transfer[];
}

/** What a function moves between places; null when it moves no register. */
export function explainFunction(model: RegisterModel, node: GraphNode): Explanation | null {
  const groups = moveGroups(model, node);
  const cleared = node.c?.clears ?? [];
  const source = model.files.get(node.file)?.source;
  if ((groups.length === 0 && cleared.length === 0) || !source) return null;
  const clears: Statement[] = cleared.map((clear) =>
    statement(
      ['Clears every GPR of the register cache'],
      [{ file: node.file, line: lineAt(source, fileOffset(node, clear.offset)) }],
    ),
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
  for (const [rank, register] of model.registers.entries()) {
    for (const transfer of register.transfers) {
      if (transfer.function !== node.name || transfer.file !== node.file) continue;
      const words = directionWords(wordsOf(model), transfer);
      if (words === null) continue;
      const guards = shownGuards(transfer);
      const key = `${words} ${guards.map(guardKey).join(' && ')}`;
      const known = groups.get(key);
      const name = shownRegister(model, register.register, transfer);
      if (!known) groups.set(key, { words, guards, registers: [{ name, rank }], transfers: [transfer] });
      else {
        const isNamed = known.registers.some((register) => register.name === name);
        if (!isNamed) known.registers.push({ name, rank });
        known.transfers.push(transfer);
      }
    }
  }
  const first = (group: MoveGroup) => group.transfers[0]?.offset ?? 0;
  return [...groups.values()].sort((a, b) => first(a) - first(b));
}

/** A register; with the argument of a call that its slot gets, whose name is another: `RAX (R10)`. */
function shownRegister(model: RegisterModel, register: string, { from, to }: Transfer): string {
  const { kinds } = placeTables(model.symbols.backends);
  const place = [from, to].find((side) => kinds.get(side?.kind ?? '')?.holds === null);
  return place ? `${register} (${place.name.toUpperCase()})` : register;
}

interface HelperMoves {
  readonly helper: GraphNode;
  readonly groups: readonly MoveGroup[];
}

/** What a function that fetches on demand leaves to helpers: `ept_save_pdptrs`. */
function helperGroups(model: RegisterModel, node: GraphNode): HelperMoves[] {
  const isFetching = model.registers.some((register) =>
    register.transfers.some((t) => t.function === node.name && t.file === node.file && t.phase === 'on-demand'),
  );
  if (!isFetching) return [];
  const callees = new Set(model.graph.callees(node).flatMap((edge) => (edge.operation === null ? [edge.callee] : [])));
  return [...callees].flatMap((helper) => {
    const groups = moveGroups(model, helper).filter((group) =>
      group.transfers.some((t) => t.phase === 'on-demand' && t.to?.kind === 'cache'),
    );
    return groups.length > 0 ? [{ helper, groups }] : [];
  });
}

function helperNote({ helper, groups }: HelperMoves): Statement {
  return statement([summaryOf(groups), ' by ', code(helper.name)], evidenceList(groups.flatMap((g) => g.transfers)));
}

function directionWords({ place: wordsFor }: Words, transfer: Transfer): string | null {
  const { from, to } = transfer;
  if (from?.kind === 'hardware' && to === null) return 'read from hardware';
  if (to?.kind === 'hardware' && from === null) return 'written to hardware';
  if (from?.kind === 'cache' && to && to.kind !== 'cache')
    return `-> ${wordsFor(to.kind).title}${PHASE_WORDS[transfer.phase].behind}`;
  if (to?.kind === 'cache' && from && from.kind !== 'cache')
    return `<- ${wordsFor(from.kind).title}${PHASE_WORDS[transfer.phase].behind}`;
  return null;
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
    [...evidenceList(group.transfers), ...(call ? [evidenceOf(call)] : [])],
  );
}

/** Lines shown for one statement at the most. */
const MOST_LINES = 4;

/** Where transfers are: each line, or the first and the last of many. */
function evidenceList(transfers: readonly Transfer[]): Evidence[] {
  const lines = [...new Map(transfers.map((t) => [t.line, evidenceOf(t)])).values()].sort((a, b) => a.line - b.line);
  return lines.length <= MOST_LINES ? lines : [...lines.slice(0, 1), ...lines.slice(-1)];
}

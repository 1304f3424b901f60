import { UNKNOWN_PLACE, type Place } from '../backends/place.js';
import type { Transfer } from '../backends/transfer.js';
import type { GraphNode } from '../model/callGraph.js';
import { areaCopies } from '../model/query/areaCopies.js';
import { hardwareKind, isFieldBeside } from '../model/query/backends.js';
import { isNestedCode, toldPhase } from '../model/query/functions.js';
import { crossingOf, crossingsOf } from '../model/query/transfers.js';
import type { RegisterModel } from '../model/registerModel.js';
import { registerNames } from '../syntax/x86/registerNames.js';
import { guardKey, type Guard } from '../syntax/conditions/guard.js';
import { code, joinPhrases, type Phrase } from './explanation.js';
import { groupConditions } from './groupConditions.js';
import { isIntoL2, shortAreaOfNested, tellsSideOfL2 } from './nestedWords.js';
import { shownGuards } from './ownerLines.js';
import { shownField } from './transferPhrases.js';
import { PHASE_WORDS, wordsOf, type Words } from './words.js';

/** Registers that move the same way at the same time under the same conditions. */
export interface MoveGroup {
  readonly words: string;
  readonly guards: readonly Guard[];
  /** Each by its name, with its place among the tree's registers. */
  readonly registers: { readonly name: string; readonly rank: number }[];
  readonly transfers: Transfer[];
}

/** `RSP RIP -> VMCS before VM-entry, if dirty · RAX RSP RIP CR3 <- VMCB after VM-exit, CR3 if npt_enabled` */
export function summaryOf(groups: readonly MoveGroup[]): string {
  const byWords = new Map<string, MoveGroup[]>();
  for (const group of groups) byWords.set(group.words, [...(byWords.get(group.words) ?? []), group]);
  return [...byWords]
    .map(([words, same]) => `${fewNames(namesInOrder(same))} ${words}${groupConditions(same)}`)
    .join(' · ');
}

/** The registers of groups, each once, in the tree's order, whatever conditions part them. */
export function namesInOrder(groups: readonly MoveGroup[]): string[] {
  const moved = groups.flatMap(({ registers }) => registers).sort((a, b) => a.rank - b.rank);
  return [...new Set(moved.map(({ name }) => name))];
}

/** Names that a line has room for. */
const MOST_NAMES = 12;

/** Names as a line has room for them: `R16-R31`, `RAX RSP`, `17 registers (RAX .. RIP)`. */
export function fewNames(names: readonly string[]): string {
  const ranges = registerNames(names);
  if (names.length <= MOST_NAMES || !ranges.includes(' ')) return ranges;
  return `${String(names.length)} registers (${names[0] ?? ''} .. ${names.at(-1) ?? ''})`;
}

/** Groups of a function's transfers, in the order of the text. */
export function moveGroups(model: RegisterModel, node: GraphNode): MoveGroup[] {
  const groups = new Map<string, MoveGroup>();
  for (const { name, rank, words, transfer } of namedMoves(model, node)) {
    const guards = shownGuards(transfer);
    const key = [words, transfer.from?.kind ?? transfer.other, ...guards.map(guardKey)].join(' && ');
    const group = groups.get(key) ?? { words, guards, registers: [], transfers: [] };
    groups.set(key, group);
    if (!group.registers.some((known) => known.name === name)) group.registers.push({ name, rank });
    group.transfers.push(transfer);
  }
  const first = (group: MoveGroup) => group.transfers[0]?.offset ?? 0;
  return withoutBranches([...groups.values()]).sort((a, b) => first(a) - first(b));
}

/** A transfer with the register's name and the words for the way that it goes. */
interface NamedMove {
  readonly name: string;
  readonly rank: number;
  readonly words: string;
  readonly transfer: Transfer;
}

/** What a function moves across the border of the cache or of hardware, and between areas beside the cache. */
function namedMoves(model: RegisterModel, node: GraphNode): NamedMove[] {
  const words = wordsOf(model);
  const phaseOf = (transfer: Transfer) =>
    // Code for both guests is told of as nested only where a place says so.
    transfer.phase === 'nested' && !tellsSideOfL2(transfer) && !isNestedCode(model, node)
      ? 'other'
      : toldPhase(model, node, transfer.phase);
  const told = (transfer: Transfer) => ({ ...transfer, phase: phaseOf(transfer) });
  const crossings = crossingsOf(model, node).map(({ register, rank, transfer }): NamedMove => {
    const name = shownRegister(model, register.register, transfer);
    const titleOf = (place: Place) => fieldTitle(model, register.register, place);
    return { name, rank, words: directionWords(words, told(transfer), titleOf), transfer };
  });
  const copies = areaCopies(model, node).map(({ held, rank, transfer }): NamedMove => {
    return { name: held, rank, words: copyWords(words, told(transfer)), transfer };
  });
  return [...crossings, ...copies];
}

/** Groups without those that another one does where its condition does not hold: both branches move the same. */
function withoutBranches(groups: readonly MoveGroup[]): MoveGroup[] {
  const always = groups.filter(({ guards }) => guards.length === 0);
  const isBranch = (group: MoveGroup) =>
    group.guards.length > 0 &&
    always.some(
      (other) =>
        other.words === group.words &&
        group.registers.every(({ name }) => other.registers.some((known) => known.name === name)),
    );
  return groups.filter((group) => !isBranch(group));
}

/** A register; with the argument of a call that its slot gets, whose name is another: `RAX (R10)`. */
function shownRegister(model: RegisterModel, register: string, { from, to }: Transfer): string {
  const place = [from, to].find((side) => side && hardwareKind(model, side.kind)?.holds === null);
  return place ? `${register} (${place.name.toUpperCase()})` : register;
}

/** How a transfer crosses the border of the cache or of hardware: `<- VMCB after VM-exit`; '' for one that does not. */
function directionWords(words: Words, transfer: Transfer, titleOf: (place: Place) => string): string {
  const { from, to } = transfer;
  const title = (place: Place | null) => (place ? areaTitle(words, place) : '') + momentWords(transfer);
  switch (crossingOf(transfer)) {
    case 'out-of-hardware':
      return 'read from hardware';
    case 'into-hardware':
      return 'written to hardware';
    case 'returned':
      return `${transfer.isAddress ? 'reached by address in' : 'read from'} ${words.place(from?.kind ?? '').title}`;
    case 'set':
      return `set in ${title(to)}`;
    case 'out-of-cache':
      return `-> ${to ? titleOf(to) : ''}${momentWords(transfer)}`;
    case 'into-cache':
      return `<- ${title(from)}`;
    case null:
      return '';
  }
}

/** The way of a copy between areas: `vmcs12 -> VMCS at nested VM-entry`. */
function copyWords(words: Words, transfer: Transfer): string {
  const { from, to } = transfer;
  const moment = momentWords(transfer);
  if (from && isRead(transfer)) return `read from ${areaTitle(words, from)}`;
  if (from && to?.kind !== 'cache' && to) return betweenAreas(words, from, to) + moment;
  if (from) return `<- ${areaTitle(words, from)}${moment}`;
  if (!to) return '';
  const isParameter = /^\w+(?:->\w+)?$/.test(transfer.other) && !transfer.other.startsWith('vcpu->');
  return isParameter ? `set in ${areaTitle(words, to)}` : `-> ${areaTitle(words, to)}${moment}`;
}

/** Whether what an area has is only read: of SMRAM, and to where a caller's pointer leads. */
function isRead({ from, to, other }: Transfer): boolean {
  return to?.kind === 'cache' ? false : from?.kind === 'smram' || (to === null && other.startsWith('*'));
}

function betweenAreas(words: Words, from: Place, to: Place): string {
  if (from.kind === 'cache') return `-> ${areaTitle(words, to)}`;
  if (from.kind === UNKNOWN_PLACE && to.kind === UNKNOWN_PLACE) return 'from one save area to another';
  return `${areaTitle(words, from)} -> ${areaTitle(words, to)}`;
}

/** When a transfer is done: ` at nested VM-entry`, ` before VM-entry`; '' for no particular time. */
function momentWords(transfer: Transfer): string {
  if (transfer.phase !== 'nested') return PHASE_WORDS[transfer.phase].behind;
  if (tellsSideOfL2(transfer)) return ` at nested VM-${isIntoL2(transfer) ? 'entry' : 'exit'}`;
  const { from, to } = transfer;
  if (from?.kind === 'nested' || to?.kind === 'nested') return '';
  const guests = [from, to].flatMap((place) => (place?.which === undefined ? [] : [guestOf(place.which)]));
  return guests.length === 0 ? PHASE_WORDS.nested.behind : ` (${[...new Set(guests)].join(' to ')}, nested)`;
}

/** Whose VMCB or VMCS one is that code names: `L1's` of `vmcb01`. */
function guestOf(which: string): string {
  return which.endsWith('02') ? "L2's" : "L1's";
}

/** An area; of a field that is not the register's own, with the field: `VMCB control.next_rip` of RIP. */
function fieldTitle(model: RegisterModel, register: string, place: Place): string {
  const title = areaTitle(wordsOf(model), place);
  return isFieldBeside(model, place, register) ? `${title} ${shownField(place.name)}` : title;
}

/** Of L1's structures for L2, which one; of a save area, the one that is known: `vmcs12`, `vmcb02`, `VMCS`. */
function areaTitle({ place: wordsFor }: Words, place: Place): string {
  const { kind, which } = place;
  if (kind === UNKNOWN_PLACE) return 'a save area';
  return which ?? (kind === 'nested' ? shortAreaOfNested(place) : wordsFor(kind).title);
}

/** Fields that a note has room for. */
const MOST_FIELDS = 4;

/** The fields by their names, of groups that move few: `GUEST_RSP, GUEST_RIP`. */
export function fieldPhrases(model: RegisterModel, groups: readonly MoveGroup[]): Phrase[] {
  const places = groups
    .flatMap(({ transfers }) => transfers)
    .flatMap(({ from, to }) => [from, to].flatMap((place) => place ?? []));
  const fields = places.filter(({ kind }) => hardwareKind(model, kind) !== null).map(({ name }) => shownField(name));
  const names = [...new Set(fields)].filter((name) => !groups.some(({ words }) => words.includes(name)));
  return names.length <= MOST_FIELDS ? joinPhrases(names.map(code)) : [];
}

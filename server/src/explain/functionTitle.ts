import type { Transfer } from '../backends/transfer.js';
import type { GraphNode } from '../model/callGraph.js';
import { fieldDescription } from '../model/query/backends.js';
import { directCallees, isInC, isOnEntryPath, type CFunction } from '../model/query/functions.js';
import { functionUse, handedOn, type FunctionUse } from '../model/query/functionUse.js';
import { hostFieldsWritten } from '../model/query/hostFields.js';
import { registersHandedOn, registersSetByNumber } from '../model/query/numberedRegisters.js';
import { chainsCalled, isOfTable, workersOf } from '../model/query/operations.js';
import { copiesEmptiedBy } from '../model/query/registerCopies.js';
import { crossingOf, transfersOf } from '../model/query/transfers.js';
import { unlistedUses, type UnlistedUse } from '../model/query/unlistedUses.js';
import type { RegisterModel } from '../model/registerModel.js';
import { registerNames } from '../syntax/x86/registerNames.js';
import { areaParts } from './areaUseWords.js';
import { useSummary } from './functionUseWords.js';
import { fewNames, moveGroups, namesInOrder, summaryOf, type MoveGroup } from './moveGroups.js';
import { workerParts } from './workerParts.js';

/** What a function does with registers in a line, for a hover and a lens: itself, by its helpers, by those that it calls. */
export function functionTitle(
  model: RegisterModel,
  node: GraphNode,
  groups: readonly MoveGroup[] = moveGroups(model, node),
): string {
  const helpers = helperGroups(model, node).flatMap(({ groups: moved }) => moved);
  const own = functionSummary(model, node, [...groups, ...helpers]);
  return [...movedByOperations(model, node, own), own, ...workerParts(model, node, own)]
    .filter((part) => part !== '')
    .join(' · ');
}

/** `moves SEGMENTS`: the registers that the operations move by which alone a function has to do with any; not of one that runs a guest, whose world switch moves more. */
function movedByOperations(model: RegisterModel, node: GraphNode, said: string): string[] {
  if (!said.startsWith('calls ') || isOnEntryPath(model, node)) return [];
  const chains = [...functionUse(model, node).operations].flatMap((call) =>
    isOfTable(model, node, call) ? chainsCalled(model, node, call) : [],
  );
  const workers = new Set(chains.flat().flatMap((one) => workersOf(model, one)));
  const groups = [...workers].flatMap((worker) => moveGroups(model, worker));
  const names = namesInOrder(groups);
  if (names.length === 0) return [];
  const ways = new Set(groups.flatMap(({ transfers }) => transfers.flatMap(waysOf)));
  const [way, another] = ways;
  return [`${another === undefined ? (way ?? 'moves') : 'moves'} ${fewNames(names)}`];
}

/** Which way a transfer goes, as a reader of the register says it. */
function waysOf(transfer: Transfer): ('reads' | 'sets' | 'moves')[] {
  // Whoever gets the address may do either.
  if (transfer.isAddress) return [];
  const crossing = crossingOf(transfer);
  if (crossing === 'returned' || crossing === 'into-cache') return ['reads'];
  return [crossing === 'set' ? 'sets' : 'moves'];
}

/** What a function does with registers, in a line: what it moves, else what it reads and writes; what it marks and clears. */
export function functionSummary(model: RegisterModel, node: GraphNode, groups: readonly MoveGroup[]): string {
  const use = functionUse(model, node);
  const moved = summaryOf(groups);
  const [accesses, others] = partition(useSummary(model, use), (part) => /^(?:reads|writes) /.test(part));
  const clears = (node.c?.clears.length ?? 0) > 0 ? ['clears every GPR'] : [];
  const empties = copiesEmptiedBy(model, node).map(
    ({ name, register }) => `forgets ${register.register}: empties ${name}, so that hardware is read again`,
  );
  const written = accesses.filter((part) => part.startsWith('writes '));
  const sets = isInC(node) && moved === '' && written.length === 0 ? setParts(model, node) : [];
  const parts = [...sets, ...(moved === '' ? accesses : [moved]), ...clears, ...empties, ...others];
  const operations = moved === '' ? movingOperations(model, node, use) : [];
  const inArea = areaParts(model, node);
  if (parts.length + operations.length > 0) return [...parts, ...inArea, ...callsPart(operations, sets)].join(' · ');
  const rest = restText(model, node, inArea.length > 0);
  return [...inArea, ...(rest === '' ? [] : [rest])].join(' · ');
}

/** What a function leaves to others, or does with what the register enum does not list; of the host's state only where it has nothing to do with a guest's. */
function restText(model: RegisterModel, node: GraphNode, isOfGuest: boolean): string {
  const helpers = workersOf(model, node).filter((worker) => worker !== node);
  if (helpers.length > 0)
    return `by ${helpers.map(({ name }) => name).join(', ')}: ${summaryOf(helpers.flatMap((helper) => moveGroups(model, helper)))}`;
  const worker = handedOn(model, node);
  if (worker) return `by ${worker.name}, ${functionSummary(model, worker, moveGroups(model, worker))}`;
  const host = isOfGuest ? [] : hostFieldsWritten(model, node);
  if (host.length > 0) return hostText(model, host);
  const unlisted = unlistedUses(model, node);
  if (unlisted.length > 0) return unlistedText(unlisted);
  if (isOnEntryPath(model, node)) return `on the way to VM-entry, by ${entriesBelow(model, node).join(', ')}`;
  return '';
}

/** `sets CR0 by set_cr0`: the registers that a function has others set to what it is given. */
function setParts(model: RegisterModel, fn: CFunction): string[] {
  const numbered = registersSetByNumber(model, fn).map(({ register }) => register);
  if (numbered.length > 0) return [`sets ${registerNames(numbered)}, by the number that it is given`];
  return registersHandedOn(model, fn).map(({ register, callee }) => `sets ${register.register} by ${callee}`);
}

/** `writes CR8 · reads CR2, of KVM's copies`; of registers that the enum does not list. */
function unlistedText(uses: readonly UnlistedUse[]): string {
  const [ofApic, copies] = partition(uses, ({ kept }) => kept === 'apic');
  return [
    ...(ofApic.length > 0 ? [`${accessText(ofApic)}, the task priority of the local APIC`] : []),
    ...(copies.length > 0 ? [`${accessText(copies)}, of KVM's copies that the register enum does not list`] : []),
  ].join(' · ');
}

function accessText(uses: readonly UnlistedUse[]): string {
  const [written, read] = partition(uses, ({ isWritten }) => isWritten);
  return [
    ...(written.length > 0 ? [`writes ${written.map(({ register }) => register).join(', ')}`] : []),
    ...(read.length > 0 ? [`reads ${read.map(({ register }) => register).join(', ')}`] : []),
  ].join(' · ');
}

/** Fields of the host's state that a line has room for. */
const MOST_HOST_FIELDS = 2;

function hostText(model: RegisterModel, fields: readonly string[]): string {
  if (fields.length > MOST_HOST_FIELDS)
    return `writes ${String(fields.length)} fields of the host's state; no guest register moves here`;
  return `writes ${fields.map((field) => `${field}, ${fieldDescription(model, field) ?? 'host state'}`).join(' · ')}`;
}

/** The operations that a function calls, without those that are told already by what they set. */
function callsPart(operations: readonly string[], sets: readonly string[]): string[] {
  const others = operations.filter((operation) => !sets.some((part) => part.endsWith(` by ${operation}`)));
  return others.length > 0 ? [`calls ${others.join(', ')}`] : [];
}

/** Operations that a line has room for. */
const MOST_OPERATIONS = 3;

/** The operations that a function calls and that move registers, if they are few. */
function movingOperations(model: RegisterModel, node: GraphNode, { operations }: FunctionUse): string[] {
  const calls = [...operations].filter((call) => chainsCalled(model, node, call).length > 0);
  const moving = calls.map(([operation]) => operation);
  return moving.length <= MOST_OPERATIONS ? moving : [];
}

/** What a function on the way to VM-entry calls there. */
function entriesBelow(model: RegisterModel, node: GraphNode): string[] {
  return directCallees(model, node).flatMap((callee) => (isOnEntryPath(model, callee) ? [callee.name] : []));
}

function partition<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): readonly [Item[], Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

export interface HelperMoves {
  readonly helper: GraphNode;
  readonly groups: readonly MoveGroup[];
}

/** What a function that fetches on demand leaves to helpers: `ept_save_pdptrs`. */
export function helperGroups(model: RegisterModel, node: GraphNode): HelperMoves[] {
  if (!transfersOf(model, node).some(({ transfer }) => transfer.phase === 'on-demand')) return [];
  return directCallees(model, node).flatMap((helper) => {
    const groups = moveGroups(model, helper).filter((group) =>
      group.transfers.some((t) => t.phase === 'on-demand' && t.to?.kind === 'cache'),
    );
    return groups.length > 0 ? [{ helper, groups }] : [];
  });
}

import type { Phase } from '../../backends/phase.js';
import type { Place } from '../../backends/place.js';
import type { Transfer } from '../../backends/transfer.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { Move } from '../../facts/registers/moves.js';
import { fileOffset, type GraphNode } from '../callGraph.js';
import { groupBy } from '../groupBy.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { accessOf, referencesOfStatement } from './references.js';
import { wordFrom, type FileSpan } from './text.js';

/** A transfer with the register that it is of. */
export interface RegisterTransfer {
  readonly register: Register;
  /** The register's place among the tree's. */
  readonly rank: number;
  readonly transfer: Transfer;
}

/** The transfers that a function does itself, register by register. */
export function transfersOf(
  model: RegisterModel,
  { name, file }: Pick<GraphNode, 'name' | 'file'>,
): readonly RegisterTransfer[] {
  return transfersByFunction(model).get(functionKey(file, name)) ?? [];
}

const transfersByFunction = memoizeByIdentity(({ registers }: RegisterModel) =>
  groupBy(
    registers.flatMap((register, rank) => allTransfers(register).map((transfer) => ({ register, rank, transfer }))),
    ({ transfer }) => functionKey(transfer.file, transfer.function),
  ),
);

/** A register's transfers, with those that only owners have: KVM sets or reads hardware's copy without the cache, or a write trap tells it a value. */
function allTransfers({ transfers, owners }: Register): readonly Transfer[] {
  const known = new Set(transfers.map(siteKey));
  const owned = owners.flatMap(({ load, store }) => [...load, ...store]).filter((t) => !known.has(siteKey(t)));
  return [...transfers, ...new Map(owned.map((transfer) => [siteKey(transfer), transfer])).values()];
}

function siteKey({ file, offset, to }: Transfer): string {
  return `${file} ${String(offset)} ${to?.name ?? ''}`;
}

function functionKey(file: string, name: string): string {
  return `${file} ${name}`;
}

/** The transfers of a register that the statement at an offset of a file does. */
export function transfersOfStatement(register: Register, file: string, statement: number): readonly Transfer[] {
  return transfersByStatement(register).get(statementKey(file, statement)) ?? [];
}

const transfersByStatement = memoizeByIdentity(({ transfers }: Register) =>
  groupBy(transfers, ({ file, statement }) => statementKey(file, statement)),
);

function statementKey(file: string, statement: number): string {
  return `${file} ${String(statement)}`;
}

/**
 * Which way a transfer crosses the border of the register cache, or of hardware where the cache has no part in it. `set`: hardware's
 * copy is given a value by KVM; `returned`: it is what a function returns, of a register that the cache does not keep.
 */
export type Crossing = 'into-cache' | 'out-of-cache' | 'into-hardware' | 'out-of-hardware' | 'set' | 'returned';

/** The crossing of a transfer; null for one between other places, such as two of the cache's. */
export function crossingOf({ from, to, phase }: Transfer): Crossing | null {
  if (from && to) return from.kind === 'cache' ? outOfCache(to) : to.kind === 'cache' ? 'into-cache' : null;
  if (from) return from.kind === 'hardware' ? 'out-of-hardware' : isReturned(from, phase) ? 'returned' : null;
  if (to?.kind === 'hardware') return 'into-hardware';
  return to && to.kind !== 'cache' && phase === 'set' ? 'set' : null;
}

function isReturned({ kind }: Place, phase: Phase): boolean {
  return kind !== 'cache' && phase === 'on-demand';
}

function outOfCache({ kind }: Place): Crossing | null {
  return kind === 'cache' ? null : 'out-of-cache';
}

/** The transfers of a function that cross the border of the register cache or of hardware, register by register. */
export function crossingsOf(model: RegisterModel, node: GraphNode): readonly RegisterTransfer[] {
  return transfersOf(model, node).filter(({ transfer }) => crossingOf(transfer) !== null);
}

/** Where a transfer is. */
type TransferSite = Pick<Transfer, 'file' | 'offset' | 'statement' | 'to'>;

/** The token that names an enum member in a transfer's statement; else the statement's first word. */
export function transferSpan(model: RegisterModel, member: string | null, site: TransferSite): FileSpan {
  const { file, offset, statement, to } = site;
  const named = referencesOfStatement(model, file, statement).filter(
    ({ register }) => register !== null && register === member,
  );
  const access = to?.kind === 'cache' ? 'write' : 'read';
  const found = named.find((reference) => accessOf(reference) === access) ?? named[0];
  return found ? { file, start: found.start, end: found.end } : wordFrom(model, file, offset);
}

/** As {@link transferSpan}, of what a function's facts say that it moves. */
export function moveSpan(model: RegisterModel, member: string | null, fn: GraphNode, move: Move): FileSpan {
  const [offset, statement] = [fileOffset(fn, move.offset), fileOffset(fn, move.statement)];
  return transferSpan(model, member, { file: fn.file, offset, statement, to: move.to });
}

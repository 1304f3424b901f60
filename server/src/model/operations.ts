import type { FileFacts } from '../facts/fileFacts.js';
import type { AssignedCallback } from '../facts/source/assignedCallbacks.js';
import { memoizeByIdentity, memoizeByName } from '../cache/memoize.js';
import { groupBy } from './groupBy.js';

/** A function that implements an operation. */
export interface Implementation<Node> {
  readonly node: Node;
  /** Tag of the struct whose member the operation is; null where that is not told. */
  readonly struct: string | null;
}

/** The implementations of operations, by the members' names. Several structs may have members of one name. */
export type Operations<Node> = ReadonlyMap<string, readonly Implementation<Node>[]>;

/** What gives an operation a function. */
interface Assignment<Node> extends Implementation<Node> {
  readonly member: string;
}

/** A table of operations with the file that it is in. */
interface PlacedTable {
  readonly file: string;
  readonly struct: string;
  readonly entries: readonly { readonly member: string; readonly function: string }[];
}

/** The function that a name means in a file. */
type Find<Node> = (name: string, file: string) => Node | null;

/**
 * The operations that tables are initialised with, and those that functions assign to members of other objects and that some
 * function of the tree calls: a timer's callback, which the kernel's core calls, is none.
 */
export function operationsOf<Node>(
  files: readonly FileFacts[],
  tables: readonly PlacedTable[],
  find: Find<Node>,
): Operations<Node> {
  const initialised = tables.flatMap(({ file, struct, entries }) =>
    entries.flatMap(({ member, function: name }): Assignment<Node>[] => {
      const node = find(name, file);
      return node ? [{ member, struct, node }] : [];
    }),
  );
  const inTables = groupBy(initialised, ({ member }) => member);
  const called = files.map(namesCalled);
  const isNameCalled = memoizeByName((name) => called.some((names) => names.has(name)));
  const isCalled = ({ member }: AssignedCallback) => isNameCalled(member);
  const assigned = files.flatMap(({ source, functions }) =>
    functions.flatMap(({ facts }) =>
      facts.callbacks.filter(isCalled).flatMap((callback) => assignedBy(callback, source.path, { find, inTables })),
    ),
  );
  return groupBy([...initialised, ...assigned], ({ member }) => member);
}

/** What the values of assignments are found by. */
interface Known<Node> {
  readonly find: Find<Node>;
  readonly inTables: Operations<Node>;
}

/** The functions that a member is given. One that is copied from a table may be each that a table has. */
function assignedBy<Node>(
  { member, struct, value, copiedFrom }: AssignedCallback,
  file: string,
  { find, inTables }: Known<Node>,
): Assignment<Node>[] {
  if (copiedFrom !== undefined)
    return implementing(inTables.get(value) ?? [], copiedFrom).map((node) => ({ member, struct, node }));
  const node = find(value, file);
  return node ? [{ member, struct, node }] : [];
}

/** The functions, each once, that objects of a struct have; null: of any. */
export function implementing<Node>(all: readonly Implementation<Node>[], struct: string | null): Node[] {
  const isOf = (one: Implementation<Node>) => struct === null || one.struct === null || one.struct === struct;
  return [...new Set(all.flatMap((one) => (isOf(one) ? one.node : [])))];
}

const namesCalled = memoizeByIdentity(
  ({ functions }: FileFacts): ReadonlySet<string> =>
    new Set(functions.flatMap(({ facts }) => facts.calls.map(({ name }) => name))),
);

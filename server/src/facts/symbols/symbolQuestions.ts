import { memoizeByIdentity } from '../../cache/memoize.js';
import { meaningOf } from '../source/macroChanges.js';
import type { TreeMacro } from './treeSymbols.js';
import type { FactSymbols } from './wordRoles.js';

/** Something that a result is made of, as it was asked of a tree's symbols. */
export interface Question {
  readonly table: TableName;
  /** Of a table of tables, the name of one: a struct, a file; null of any other. */
  readonly outer: string | null;
  /** The name that is looked up, or `ALL`. */
  readonly name: string;
}

/** Asks for a whole table: no name in C is written so. */
export const ALL = '*';

type Table = ReadonlyMap<string, unknown> | ReadonlySet<string> | ((name: string) => unknown);

/** The tables that symbols consist of. */
const TABLES = {
  registers:
    ({ registers }) =>
    () =>
      allOfRegisters(registers),
  roleOf: ({ roleOf }) => roleOf,
  isHalfName: ({ isHalfName }) => isHalfName,
  macros: ({ macros }) => macros,
  fileMacros: ({ fileMacros }) => fileMacros,
  registerMacros: ({ registerMacros }) => registerMacros,
  registerMakers: ({ registerMakers }) => registerMakers,
  asmMacros: ({ asmMacros }) => asmMacros,
  members: ({ types }) => types.members,
  returns: ({ types }) => types.returns,
  onlyHolder: ({ types }) => types.onlyHolder,
  isDeclared: ({ isDeclared }) => isDeclared,
  isHalfDeclared: ({ isHalfDeclared }) => isHalfDeclared,
  fields: ({ fields }) => fields,
  indexed: ({ indexed }) => indexed,
  accessors: ({ accessors }) => accessors,
  wrappers: ({ wrappers }) => wrappers,
  decoders: ({ decoders }) => decoders,
  stateFunctions: ({ stateFunctions }) => stateFunctions,
  vmcbFunctions: ({ vmcbFunctions }) => vmcbFunctions,
  opaqueEntries: ({ opaqueEntries }) => opaqueEntries,
  vmEntryPathNames: ({ vmEntryPathNames }) => vmEntryPathNames,
  egprMacros: ({ egpr }) => egpr.macros,
  egprFlags: ({ egpr }) => egpr.flags,
  egprMovers: ({ egpr }) => egpr.movers,
  egprFlagCallers: ({ egpr }) => egpr.flagCallers,
  egprHelpers: ({ egpr }) => egpr.helpers,
} satisfies Record<string, (symbols: FactSymbols) => Table>;

const allOfRegisters = memoizeByIdentity(({ members, numberMacros, slots }: FactSymbols['registers']) => [
  members,
  [...numberMacros],
  slots,
]);

export type TableName = keyof typeof TABLES;

/** What symbols answer to a question. */
export function answerTo(symbols: FactSymbols, { table, outer, name }: Question): unknown {
  return answersIn(symbols, table, outer)(name);
}

/** What symbols answer to the questions to one table, by the name that is asked for. */
export function answersIn(symbols: FactSymbols, table: TableName, outer: string | null): (name: string) => unknown {
  const own: Table = TABLES[table](symbols);
  if (outer === null) return (name) => entryOf(own, name);
  const inner = entryOf(own, outer);
  return (name) => (inner instanceof Map ? entryOf(inner, name) : undefined);
}

function entryOf(table: Table, name: string): unknown {
  if (typeof table === 'function') return table(name);
  if (name === ALL) return [...table];
  return 'get' in table ? table.get(name) : table.has(name);
}

/** Whether two answers say the same. Results hold positions of their own file only, so none of a symbol's counts. */
export function isSameAnswer(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  return isObject(one) && isObject(other) ? textOf(one) === textOf(other) : answerText(one) === answerText(other);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

const textOf = memoizeByIdentity((answer: object) => answerText(answer));

/** What an answer says, as text. Of a table in a table only that it is there: what is asked of it are questions of their own. */
function answerText(answer: unknown): string {
  if (answer instanceof Map) return 'a table';
  if (isTreeMacro(answer)) return `${answer.file} ${meaningOf(answer.definition)}`;
  return withoutPositions(answer) ?? '';
}

function isTreeMacro(answer: unknown): answer is TreeMacro {
  return typeof answer === 'object' && answer !== null && 'definition' in answer;
}

/** Members that say where something stands. */
const POSITIONS: ReadonlySet<string> = new Set(['offset', 'start', 'end', 'nameStart', 'line', 'column', 'statement']);

/** A value as text, objects without positions; undefined for undefined. */
function withoutPositions(value: unknown): string | undefined {
  return JSON.stringify(value, (key, member: unknown) => {
    if (POSITIONS.has(key)) return undefined;
    return member instanceof Map || member instanceof Set ? Array.from<unknown>(member) : member;
  });
}

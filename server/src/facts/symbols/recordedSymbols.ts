import { memoizeByName } from '../../cache/memoize.js';
import { ALL, type Question, type TableName } from './symbolQuestions.js';
import type { FactSymbols } from './wordRoles.js';

/** Is told of a question before it is answered. */
export type Noting = (question: Question) => void;

/** Gives the function that is told of the questions to one table. */
export type NotingIn = (table: TableName, outer: string | null) => (name: string) => void;

/** Symbols that answer as others do, and tell of each question. The backends are the program's own and no question. */
export function recordedSymbols<Symbols extends FactSymbols>(symbols: Symbols, notingIn: NotingIn): Symbols {
  const note = (table: TableName) => notingIn(table, null);
  const { egpr, types } = symbols;
  const noteRegisters = note('registers');
  return {
    ...symbols,
    get registers() {
      noteRegisters(ALL);
      return symbols.registers;
    },
    roleOf: recordedFunction(symbols.roleOf, note('roleOf')),
    isHalfName: recordedFunction(symbols.isHalfName, note('isHalfName')),
    macros: recordedMap(symbols.macros, note('macros')),
    fileMacros: recordedMaps(symbols.fileMacros, 'fileMacros', notingIn),
    registerMacros: recordedSet(symbols.registerMacros, note('registerMacros')),
    registerMakers: recordedSet(symbols.registerMakers, note('registerMakers')),
    asmMacros: recordedSet(symbols.asmMacros, note('asmMacros')),
    types: {
      members: recordedMaps(types.members, 'members', notingIn),
      returns: recordedMap(types.returns, note('returns')),
      onlyHolder: recordedFunction(types.onlyHolder, note('onlyHolder')),
    } satisfies FactSymbols['types'],
    isDeclared: recordedFunction(symbols.isDeclared, note('isDeclared')),
    isHalfDeclared: recordedFunction(symbols.isHalfDeclared, note('isHalfDeclared')),
    fields: recordedMap(symbols.fields, note('fields')),
    indexed: recordedMap(symbols.indexed, note('indexed')),
    accessors: recordedMap(symbols.accessors, note('accessors')),
    wrappers: recordedMap(symbols.wrappers, note('wrappers')),
    decoders: recordedMap(symbols.decoders, note('decoders')),
    stateFunctions: recordedSet(symbols.stateFunctions, note('stateFunctions')),
    vmcbFunctions: recordedSet(symbols.vmcbFunctions, note('vmcbFunctions')),
    opaqueEntries: recordedSet(symbols.opaqueEntries, note('opaqueEntries')),
    vmEntryPathNames: recordedSet(symbols.vmEntryPathNames, note('vmEntryPathNames')),
    egpr: {
      macros: recordedSet(egpr.macros, note('egprMacros')),
      flags: recordedMap(egpr.flags, note('egprFlags')),
      movers: recordedSet(egpr.movers, note('egprMovers')),
      flagCallers: recordedSet(egpr.flagCallers, note('egprFlagCallers')),
      helpers: recordedSet(egpr.helpers, note('egprHelpers')),
    } satisfies FactSymbols['egpr'],
  };
}

type Note = (name: string) => void;

function recordedFunction<Result>(answer: (name: string) => Result, note: Note): (name: string) => Result {
  return (name) => {
    note(name);
    return answer(name);
  };
}

function recordedSet(names: ReadonlySet<string>, note: Note): ReadonlySet<string> {
  const all = () => {
    note(ALL);
    return names;
  };
  return {
    get size() {
      return all().size;
    },
    has: recordedFunction((name) => names.has(name), note),
    forEach: (callback) => {
      all().forEach(callback);
    },
    entries: () => all().entries(),
    keys: () => all().keys(),
    values: () => all().values(),
    [Symbol.iterator]: () => all().values(),
  };
}

function recordedMap<Value>(
  map: ReadonlyMap<string, Value>,
  note: Note,
  valueOf: (name: string) => Value | undefined = (name) => map.get(name),
): ReadonlyMap<string, Value> {
  const all = () => {
    note(ALL);
    return map;
  };
  return {
    get size() {
      return all().size;
    },
    get: recordedFunction(valueOf, note),
    has: recordedFunction((name) => map.has(name), note),
    forEach: (callback) => {
      all().forEach(callback);
    },
    entries: () => all().entries(),
    keys: () => all().keys(),
    values: () => all().values(),
    [Symbol.iterator]: () => all().entries(),
  };
}

/** A table of tables: what is asked of one of these is a question of its own. Only single ones are asked for. */
function recordedMaps<Value>(
  maps: ReadonlyMap<string, ReadonlyMap<string, Value>>,
  table: TableName,
  notingIn: NotingIn,
): ReadonlyMap<string, ReadonlyMap<string, Value>> {
  const inner = memoizeByName((outer) => {
    const map = maps.get(outer);
    return map && recordedMap(map, notingIn(table, outer));
  });
  return recordedMap(maps, notingIn(table, null), inner);
}

import { seenByOneLanguage } from '../../syntax/preprocessor/languageRanges.js';
import { configGuardsAt, type MacroDefinition } from '../../syntax/preprocessor/directives.js';
import { keptTable } from '../../cache/keptTables.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { Backend } from '../../backends/backend.js';
import { configHolds } from '../../syntax/preprocessor/conditionTruth.js';
import type { MacroLookup } from '../../syntax/preprocessor/macroExpansion.js';
import { declaredWords } from '../source/declaredWords.js';
import { egprMembers, egprNames } from '../egpr/egprNames.js';
import { accessorsInMacros } from './accessorMacros.js';
import { generatedAccessors, writtenAccessors } from './accessors.js';
import type { TreeReader } from '../source/functionTree.js';
import { indexDecoders } from './indexDecoders.js';
import { indexedFunctions } from './indexedFunctions.js';
import { PASTE } from '../source/fileIndex.js';
import { macrosReaching } from '../source/macroIndex.js';
import { opaqueEntries } from './opaqueEntries.js';
import { staticCallTables } from './staticCalls.js';
import { opsTables } from './opsTables.js';
import { readRegisterFile, type RegisterFile } from '../registers/registerFile.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import { readTypeTables, type TypeTables } from '../source/typeTables.js';
import { namesToVmEntry } from './vmEntryPathNames.js';
import { CACHE_ARRAY, CACHE_MEMBER, CACHE_STRUCT, EMULATOR_ARRAY } from './cacheNames.js';
import type { CacheField, TreeMacro, TreeSymbols } from './treeSymbols.js';
import type { AsmFileFacts } from '../assembly/asmFile.js';
import { stateFunctions } from '../xsave/stateFunctions.js';
import { vmcbFunctions } from './vmcbFunctions.js';
import { wrapperFunctions } from './wrappers.js';

/** Derives a tree's symbols from its outlines, in steps. */
export function* resolveSymbols(
  read: TreeReader,
  outlines: readonly SourceOutline[],
  assembly: readonly AsmFileFacts[],
  backends: readonly Backend[],
): Generator<'names', TreeSymbols, void> {
  const macros = readMacros(outlines);
  const lookup: MacroLookup = (name) => macros.get(name)?.definition;
  const registers = readRegisterFile(outlines, lookup);
  yield 'names';
  const types = readTypeTables(outlines);
  const fields = cacheFields(outlines, registers, types);
  const tables = outlines.flatMap((file) => [...opsTables(file, lookup), ...staticCallTables(file)]);
  yield 'names';
  const asmMacros = macrosReaching(outlines, ['asm', '__asm', '__asm__']);
  const opaque = opaqueEntries(outlines, assembly, tables, lookup);
  const egpr = egprNames(outlines, assembly, registers, asmMacros);
  yield 'names';
  const base = {
    backends,
    registers,
    macros,
    fileMacros: new Map(outlines.map((file) => [file.source.path, ownMacros(file)])),
    registerMacros: macrosReaching(outlines, [...registers.byName.keys(), ...registers.numberMacros.keys()]),
    registerMakers: macrosReaching(outlines, [
      PASTE,
      CACHE_ARRAY,
      EMULATOR_ARRAY,
      ...accessorsInMacros(outlines, backends),
    ]),
    asmMacros,
    types,
    ...declaredWords(outlines),
    fields,
    decoders: indexDecoders(outlines, lookup),
    stateFunctions: stateFunctions(outlines, new Set([...egprMembers(registers), ...egpr.macros]), egpr.helpers),
    vmcbFunctions: vmcbFunctions(outlines, backends),
    opaqueEntries: opaque,
    vmEntryPathNames: namesToVmEntry(outlines, assembly, tables, opaque),
    egpr,
  };
  yield 'names';
  const indexed = indexedFunctions(read, outlines, {
    ...base,
    indexed: new Map(),
    accessors: new Map(),
    wrappers: new Map(),
  });
  const withIndexed = { ...base, indexed, accessors: new Map(), wrappers: new Map() };
  yield 'names';
  // Macros whose body touches the register array, or that use such a macro.
  const makers = macrosReaching(outlines, [CACHE_ARRAY]);
  const accessors = new Map([
    ...writtenAccessors(read, outlines, withIndexed),
    ...generatedAccessors(read, outlines, withIndexed, makers),
  ]);
  yield 'names';
  const wrappers = wrapperFunctions(read, outlines, { ...base, indexed, accessors, wrappers: new Map() });
  return { ...base, indexed, accessors, wrappers };
}

const ownMacros = memoizeByIdentity(
  ({ directives }: SourceOutline): ReadonlyMap<string, MacroDefinition> =>
    new Map(directives.macros.toReversed().map((macro) => [macro.name, macro])),
);

/** The macros of a tree's C code: of several definitions the first, unless that is a 32-bit kernel's and the file has another. */
function readMacros(outlines: readonly SourceOutline[]): Map<string, TreeMacro> {
  const macros = new Map<string, TreeMacro>();
  for (const file of outlines)
    for (const [name, macro] of macrosForC(file)) if (!macros.has(name)) macros.set(name, macro);
  return macros;
}

/** The macros that a file defines for C, those of a 64-bit kernel before others of the same name. */
const macrosForC = memoizeByIdentity(({ source, directives }: SourceOutline): ReadonlyMap<string, TreeMacro> => {
  const { isForAssembly } = seenByOneLanguage(source.text, directives);
  const is32Bit = ({ definition }: TreeMacro) => configHolds(configGuardsAt(directives, definition.start), 8) === false;
  const macros = new Map<string, TreeMacro>();
  for (const definition of directives.macros) {
    if (isForAssembly(definition.start)) continue;
    const known = macros.get(definition.name);
    if (!known || is32Bit(known)) macros.set(definition.name, { file: source.path, definition });
  }
  return macros;
}, keptTable('macrosForC'));

/** The fields of the cache that hold a register outside the array, by the register's name in lower case. */
function cacheFields(
  outlines: readonly SourceOutline[],
  registers: RegisterFile,
  types: TypeTables,
): Map<string, CacheField> {
  const fields = new Map<string, CacheField>();
  for (const member of registers.members) {
    if (member.role !== 'register' || member.class === 'gpr') continue;
    const name = member.register.toLowerCase();
    for (const field of [name, `${name}s`]) {
      const holder = holderOf(outlines, types, field);
      if (holder !== null) fields.set(field, { field, member: member.name, holder });
    }
  }
  return fields;
}

const CACHE_USE = new RegExp(`\\b${CACHE_MEMBER}(?:\\.|->)(\\w+)(?:->(\\w+))?`, 'g');

/** The members of the cache's struct that a file uses, and those of what they point to. */
const usedFields = memoizeByIdentity(
  ({ code }: SourceOutline): ReadonlySet<string | undefined> =>
    new Set(Array.from(code.matchAll(CACHE_USE)).flatMap(([, ...fields]) => fields)),
  keptTable('usedFields'),
);

/** The struct that has a field: the cache's, or one that it points to (`walk_mmu->pdptrs`); null when neither does. */
function holderOf(outlines: readonly SourceOutline[], types: TypeTables, field: string): string | null {
  const cache = types.members.get(CACHE_STRUCT);
  if (!cache) {
    // Without the struct's definition, its use has to do.
    return outlines.some((file) => usedFields(file).has(field)) ? CACHE_STRUCT : null;
  }
  if (cache.has(field)) return CACHE_STRUCT;
  // Other structs have members of the same names; of those that the cache points to, only arrays are the cache's.
  const holder = [...cache.values()].find((struct) => types.members.get(struct)?.has(field));
  return field.endsWith('s') ? (holder ?? null) : null;
}

import type { MacroLookup } from '../syntax/macroExpansion.js';
import { generatedAccessors, writtenAccessors } from './accessors.js';
import type { TreeReader } from './functionTree.js';
import { indexDecoders } from './indexDecoders.js';
import { indexedFunctions } from './indexedFunctions.js';
import { opsTable } from './opsTables.js';
import { readRegisterFile, type RegisterFile } from './registerFile.js';
import type { SourceOutline } from './sourceOutline.js';
import { readTypeTables, type TypeTables } from './typeTables.js';
import { namesToVmEntry } from './vmEntryPath.js';
import { CACHE_STRUCT, type CacheField, type TreeMacro, type Vocabulary } from './vocabulary.js';
import type { AsmFileFacts } from './worldSwitch.js';
import { wrapperFunctions } from './wrappers.js';

/** Derives a tree's vocabulary from its outlines. */
export function readVocabulary(
  read: TreeReader,
  outlines: readonly SourceOutline[],
  assembly: readonly AsmFileFacts[],
): Vocabulary {
  const macros = readMacros(outlines);
  const lookup: MacroLookup = (name) => macros.get(name)?.definition;
  const registers = readRegisterFile(outlines, lookup);
  const types = readTypeTables(outlines);
  const fields = cacheFields(registers, types);
  const tables = outlines.flatMap((file) =>
    file.items.filter((item) => item.kind === 'object').map((item) => opsTable(file, item, macros)),
  );
  const base = {
    registers,
    macros,
    types,
    fields,
    decoders: indexDecoders(outlines, lookup),
    switches: namesToVmEntry(outlines, assembly, tables),
  };
  const indexed = indexedFunctions(read, outlines, {
    ...base,
    indexed: new Map(),
    accessors: new Map(),
    wrappers: new Map(),
  });
  const accessors = new Map([
    ...writtenAccessors(read, outlines, { ...base, indexed, accessors: new Map(), wrappers: new Map() }),
    ...generatedAccessors(read, outlines, { ...base, indexed, accessors: new Map(), wrappers: new Map() }, lookup),
  ]);
  const wrappers = wrapperFunctions(read, outlines, { ...base, indexed, accessors, wrappers: new Map() });
  return { ...base, indexed, accessors, wrappers };
}

function readMacros(outlines: readonly SourceOutline[]): Map<string, TreeMacro> {
  const macros = new Map<string, TreeMacro>();
  for (const file of outlines) {
    for (const definition of file.directives.macros) {
      if (!macros.has(definition.name)) macros.set(definition.name, { file: file.source.path, definition });
    }
  }
  return macros;
}

/** The fields of the cache that hold a register outside the array, by the register's name in lower case. */
function cacheFields(registers: RegisterFile, types: TypeTables): Map<string, CacheField> {
  const fields = new Map<string, CacheField>();
  const cache = types.members.get(CACHE_STRUCT);
  for (const member of registers.members) {
    if (member.role !== 'register' || member.class === 'gpr') continue;
    const name = member.register.toLowerCase();
    for (const field of [name, `${name}s`]) {
      if (!cache || cache.has(field)) {
        if (cache || field === name) fields.set(field, { field, member: member.name, holder: CACHE_STRUCT });
        continue;
      }
      const holder = [...cache.values()].find((struct) => types.members.get(struct)?.has(field));
      if (holder !== undefined && field !== name) fields.set(field, { field, member: member.name, holder });
    }
  }
  return fields;
}

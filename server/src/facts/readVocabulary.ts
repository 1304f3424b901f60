import { child, type CNode } from '../syntax/cTree.js';
import { expand, type ExpandedToken, type MacroLookup } from '../syntax/macroExpansion.js';
import { outline, type OutlineItem } from '../syntax/outline.js';
import { conditionsAt } from '../syntax/preprocessor.js';
import { tokenize } from '../syntax/tokens.js';
import {
  accessorCall,
  bareExpression,
  calleeName,
  cacheField,
  namedRegister,
  registerArray,
  argumentsOf,
  indexedCall,
  textOf,
  type Reading,
} from './expressions.js';
import type { FunctionTree, TreeReader } from './functionTree.js';
import { accessOf } from './access.js';
import { indexedKind } from './indexedKind.js';
import { isRegister, readRegisterFile, type RegisterFile } from './registerFile.js';
import { outlineSource, type SourceOutline } from './sourceOutline.js';
import { opsTable } from './opsTables.js';
import { readTypeTables, type TypeTables } from './typeTables.js';
import { namesToVmEntry } from './vmEntryPath.js';
import type { AsmFileFacts } from './worldSwitch.js';
import {
  AVAILABLE_BITMAP,
  CACHE_ARRAY,
  CACHE_STRUCT,
  DIRTY_BITMAP,
  EMULATOR_ARRAY,
  type Accessor,
  type CacheField,
  type IndexedFunction,
  type Instantiation,
  type TreeMacro,
  type Vocabulary,
  type Wrapper,
} from './vocabulary.js';

/** A helper calls a helper calls a helper; no tree goes deeper. */
const MOST_ROUNDS = 6;

/** A helper that only passes a register on is short. Characters. */
const LONGEST_HELPER = 1500;

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
  const base = { registers, macros, types, fields, switches: namesToVmEntry(outlines, assembly, tables) };
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

function treesOf(
  read: TreeReader,
  outlines: readonly SourceOutline[],
  isWanted: (item: OutlineItem) => boolean,
): FunctionTree[] {
  return outlines.flatMap((file) =>
    file.items.filter((item) => item.kind === 'function' && isWanted(item)).flatMap((item) => read(file, item)),
  );
}

/** The functions that take a register's number, from those that touch the arrays and bitmaps up to those that pass it on. */
function indexedFunctions(
  read: TreeReader,
  outlines: readonly SourceOutline[],
  vocabulary: Vocabulary,
): Map<string, IndexedFunction> {
  const storage = [CACHE_ARRAY, EMULATOR_ARRAY, AVAILABLE_BITMAP, DIRTY_BITMAP];
  const found = new Map<string, IndexedFunction>();
  let wanted: readonly string[] = storage;
  for (let round = 0; round < MOST_ROUNDS && wanted.length > 0; round++) {
    const isWanted = (item: OutlineItem) =>
      !found.has(item.name) && item.end - item.start < LONGEST_HELPER && wanted.some((word) => item.words.has(word));
    const fresh: string[] = [];
    for (const tree of treesOf(read, outlines, isWanted)) {
      const summary = indexedKind({ tree, vocabulary: { ...vocabulary, indexed: found } });
      if (!summary || found.has(tree.item.name)) continue;
      found.set(tree.item.name, {
        ...summary,
        name: tree.item.name,
        file: tree.file.source.path,
        offset: tree.item.nameStart,
      });
      fresh.push(tree.item.name);
    }
    wanted = fresh;
  }
  return found;
}

interface DirectUse {
  readonly member: string;
  readonly kind: 'read' | 'write';
}

/** What a function's return value, or what it is given, is: one register and nothing else. */
function directUse(reading: Reading): DirectUse | null {
  const { parameters, nodes } = reading.tree;
  const returned = nodes.filter((node) => node.type === 'return_statement').flatMap((node) => node.children);
  if (parameters.length === 1) {
    const last = returned.at(-1);
    const member = last ? registerOfValue(reading, last) : null;
    return member === null ? null : { member, kind: 'read' };
  }
  const value = parameters[1]?.name;
  if (parameters.length !== 2 || value === undefined || value === '') return null;
  for (const node of nodes) {
    const written = writtenRegister(reading, node);
    if (written && textOf(reading, bareExpression(written.value)) === value)
      return { member: written.member, kind: 'write' };
  }
  return null;
}

/** The register that an expression is the value of: named by its slot, perhaps masked. */
function registerOfValue(reading: Reading, expression: CNode): string | null {
  const node = bareExpression(expression);
  if (node.type === 'binary_expression' && child(node, 'operator')?.type === '&') {
    const left = child(node, 'left');
    return left ? registerOfValue(reading, left) : null;
  }
  return slotRegister(reading, node);
}

function slotRegister(reading: Reading, node: CNode): string | null {
  if (node.type === 'subscript_expression') {
    const array = child(node, 'argument');
    if (array && registerArray(reading, array) === 'cache') return namedRegister(reading, child(node, 'index'));
  }
  const field = cacheField(reading, node);
  if (field && node.type === 'field_expression') return field.member;
  const call = indexedCall(reading, node);
  return call?.callee.kind === 'read' && call.callee.storage === 'cache' ? namedRegister(reading, call.index) : null;
}

function writtenRegister(reading: Reading, node: CNode): { readonly member: string; readonly value: CNode } | null {
  if (node.type === 'assignment_expression') {
    const [left, value] = [child(node, 'left'), child(node, 'right')];
    const member = left ? slotRegister(reading, bareExpression(left)) : null;
    return member !== null && value && child(node, 'operator')?.type === '=' ? { member, value } : null;
  }
  const call = indexedCall(reading, node);
  if (call?.callee.kind !== 'write' || call.callee.storage !== 'cache' || !call.value) return null;
  const member = namedRegister(reading, call.index);
  return member === null ? null : { member, value: call.value };
}

/** Accessors are for what an instruction names: the GPRs and the instruction pointer. Control registers' readers are wrappers. */
function isAccessed(vocabulary: Vocabulary, member: string): boolean {
  const found = vocabulary.registers.byName.get(member);
  return found?.class === 'gpr' || found?.register === 'RIP';
}

function writtenAccessors(
  read: TreeReader,
  outlines: readonly SourceOutline[],
  vocabulary: Vocabulary,
): Map<string, Accessor> {
  const names = vocabulary.registers.members
    .filter((m) => isRegister(m) && isAccessed(vocabulary, m.name))
    .map((m) => m.name);
  const fields = [...vocabulary.fields.values()]
    .filter((field) => isAccessed(vocabulary, field.member))
    .map((field) => field.field);
  const words = [...names, ...fields];
  const found = new Map<string, Accessor>();
  for (const tree of treesOf(
    read,
    outlines,
    (item) => item.end - item.start < LONGEST_HELPER && words.some((word) => item.words.has(word)),
  )) {
    const use = directUse({ tree, vocabulary });
    if (!use || !isAccessed(vocabulary, use.member) || found.has(tree.item.name)) continue;
    const { name, nameStart: offset } = tree.item;
    found.set(name, {
      name,
      ...use,
      width: widthOf(tree, use),
      instantiation: null,
      file: tree.file.source.path,
      offset,
    });
  }
  return found;
}

/** How much of the register passes: by the function's type, and by whether it is masked with something. */
function widthOf(tree: FunctionTree, use: DirectUse): 32 | 64 | null {
  const head = tree.file.code.slice(tree.item.start, tree.item.nameStart);
  const type = use.kind === 'read' ? head : (tree.parameters.at(-1)?.type ?? '');
  if (/\bu32\b|\bunsigned int\b/.test(type)) return 32;
  const isMasked = tree.nodes.some(
    (node) =>
      node.type === 'return_statement' && node.children.some((n) => bareExpression(n).type === 'binary_expression'),
  );
  return isMasked ? null : 64;
}

/** The accessors that macros make: every use of a macro at top level is expanded, and the functions in it are read. */
function generatedAccessors(
  read: TreeReader,
  outlines: readonly SourceOutline[],
  vocabulary: Vocabulary,
  lookup: MacroLookup,
): Map<string, Accessor> {
  const found = new Map<string, Accessor>();
  const makers = accessorMacros(vocabulary);
  for (const file of outlines) {
    for (const item of file.items) {
      if (item.kind !== 'macro-use' || !makers.has(item.name)) continue;
      const use = {
        file: file.source.path,
        start: item.start,
        end: item.end,
        conditions: conditionsAt(file.directives, item.start),
      };
      const expanded = expand(tokenize(file.code, item.start, item.end), lookup);
      for (const { tree, macros } of expandedFunctions(read, file.source.path, expanded)) {
        const direct = directUse({ tree, vocabulary });
        const { name } = tree.item;
        if (!direct || !isAccessed(vocabulary, direct.member) || found.has(name)) continue;
        const instantiation: Instantiation = { ...use, macros };
        found.set(name, {
          name,
          ...direct,
          width: widthOf(tree, direct),
          instantiation,
          file: use.file,
          offset: use.start,
        });
      }
    }
  }
  return found;
}

/** Macros whose body touches the register array, or that use such a macro. */
function accessorMacros(vocabulary: Vocabulary): Set<string> {
  const found = new Set<string>();
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const [name, { definition }] of vocabulary.macros) {
      if (definition.parameters === null || found.has(name)) continue;
      if (definition.body.some((token) => token.text === CACHE_ARRAY || found.has(token.text))) found.add(name);
    }
  }
  return found;
}

function expandedFunctions(
  read: TreeReader,
  path: string,
  tokens: readonly ExpandedToken[],
): { readonly tree: FunctionTree; readonly macros: readonly string[] }[] {
  let text = '';
  const starts = new Map<number, ExpandedToken>();
  for (const token of tokens) {
    starts.set(text.length, token);
    text += `${token.text} `;
  }
  const file = outlineSource(path, text);
  return outline(text)
    .filter((item) => item.kind === 'function')
    .flatMap((item) => read(file, item))
    .map((tree) => ({ tree, macros: starts.get(tree.item.nameStart)?.through ?? [] }));
}

/** Short functions of a vCPU, in the files that have accessors, that are built on accessors or on the cache's fields. */
function wrapperFunctions(
  read: TreeReader,
  outlines: readonly SourceOutline[],
  vocabulary: Vocabulary,
): Map<string, Wrapper> {
  const homes = new Set(
    [...vocabulary.accessors.values()].map((accessor) => accessor.file).filter((file) => file.endsWith('.h')),
  );
  const words = [...vocabulary.accessors.keys(), ...vocabulary.fields.keys()];
  const found = new Map<string, Wrapper>();
  let wanted: readonly string[] = words;
  for (let round = 0; round < MOST_ROUNDS && wanted.length > 0; round++) {
    const isWanted = (item: OutlineItem) =>
      !found.has(item.name) && !vocabulary.accessors.has(item.name) && wanted.some((word) => item.words.has(word));
    const fresh: string[] = [];
    const files = outlines.filter((file) => homes.has(file.source.path));
    for (const tree of treesOf(read, files, isWanted)) {
      const uses = wrappedUses({ tree, vocabulary: { ...vocabulary, wrappers: found } });
      if (uses.length === 0 || found.has(tree.item.name)) continue;
      found.set(tree.item.name, {
        name: tree.item.name,
        uses,
        file: tree.file.source.path,
        offset: tree.item.nameStart,
      });
      fresh.push(tree.item.name);
    }
    wanted = fresh;
  }
  return found;
}

function wrappedUses(reading: Reading): DirectUse[] {
  const uses = new Map<string, DirectUse>();
  const add = (use: DirectUse) => uses.set(`${use.member} ${use.kind}`, use);
  for (const node of reading.tree.nodes) {
    const accessor = accessorCall(reading, node);
    if (accessor) add(accessor);
    const field = node.type === 'field_expression' ? cacheField(reading, node) : null;
    if (field) add({ member: field.member, kind: accessOf(node) === 'write' ? 'write' : 'read' });
    if (node.type === 'call_expression' && argumentsOf(node).length > 0) {
      for (const use of reading.vocabulary.wrappers.get(calleeName(reading, node))?.uses ?? []) add(use);
    }
  }
  return [...uses.values()].map(({ member, kind }) => ({ member, kind }));
}

import { integerOf, integerValue } from '../../syntax/preprocessor/integers.js';
import { CACHE_ARRAY, CACHE_MEMBER, CACHE_STRUCT } from '../symbols/cacheNames.js';
import { configHolds } from '../../syntax/preprocessor/conditionTruth.js';
import type { Guard } from '../../syntax/conditions/guard.js';
import { configGuardsAt } from '../../syntax/preprocessor/directives.js';
import type { MacroLookup } from '../../syntax/preprocessor/macroExpansion.js';
import type { OutlineItem } from '../../syntax/c/outline.js';
import { locationAt, type Location } from '../../syntax/text/sourceText.js';
import type { Token } from '../../syntax/text/tokens.js';
import { enumerators } from '../source/enumerators.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import { OPERATIONS_STRUCT } from '../symbols/opsTables.js';

/** What a member of the register enum stands for. */
export type RegisterClass = 'gpr' | 'special' | 'exit-info';

/** A member of the register enum. */
export interface RegisterMember {
  /** As in the tree: `VCPU_REGS_RAX`. */
  readonly name: string;
  /** The register's own name: `RAX`, `CR3`, `PDPTR`. */
  readonly register: string;
  /** `count`: an end marker (`NR_VCPU_REGS`); `alias`: another name of the register in `aliasOf`. */
  readonly role: 'register' | 'alias' | 'count';
  readonly aliasOf: string | null;
  readonly class: RegisterClass;
  /** Its value in a 64-bit build and in a 32-bit build; null where it cannot be known or the member is absent there. */
  readonly index: number | null;
  readonly index32: number | null;
  /** Whether the enum numbers it, so that the cache's bitmaps have a bit for it. */
  readonly isNumbered: boolean;
  /** The `#if` conditions that it is under. */
  readonly conditions: readonly Guard[];
  /** null where the tree has no such enum and the register is known by its uses alone. */
  readonly declared: Location | null;
  /** Offset of its name in the enum; -1 without one. */
  readonly offset: number;
}

/** The registers that the tree's enum declares. */
export interface RegisterFile {
  readonly members: readonly RegisterMember[];
  readonly byName: ReadonlyMap<string, RegisterMember>;
  /** Macros that hold a member's number, `__VCPU_REGS_RAX`, with the member each stands for. */
  readonly numberMacros: ReadonlyMap<string, RegisterMember>;
  /** How many slots the cache's array has in a 64-bit build; null where that is not known. */
  readonly slots: number | null;
  readonly problems: readonly { readonly location: Location; readonly message: string }[];
}

/** The name of the enum that declares the registers of KVM's register cache (asm/kvm_host.h). */
const REGISTER_ENUM = 'kvm_reg';

/** The general-purpose registers by their number in an instruction (SDM vol. 1, 3.4.1; R16-R31: APX specification, 3.1). */
export const GPR_NAMES: readonly string[] = [
  ...['RAX', 'RCX', 'RDX', 'RBX', 'RSP', 'RBP', 'RSI', 'RDI'],
  ...Array.from({ length: 24 }, (_, i) => `R${String(i + 8)}`),
];

/** Reads the register enum out of a tree's outlines; a second enum that goes on from it (older trees) is part of it. */
export function readRegisterFile(outlines: readonly SourceOutline[], macros: MacroLookup): RegisterFile {
  const enums = definitionsOf(outlines, 'enum');
  const named = definitionsOf(outlines, 'enum', REGISTER_ENUM);
  const [first] = named;
  let members = first ? readMembers(first.file, first.item, [], macros) : [];
  const names = new Set(members.map((member) => member.name));
  for (const { file, item } of enums) {
    if (item.name === REGISTER_ENUM || ![...item.words.keys()].some((word) => names.has(word))) continue;
    members = [...members, ...readMembers(file, item, members, macros)];
  }
  const problems = [
    ...repeated(`enum ${REGISTER_ENUM}`, named),
    ...repeated(`struct ${CACHE_STRUCT}`, definitionsOf(outlines, 'struct', CACHE_STRUCT)),
    ...named.slice(0, 1).flatMap(({ file, item }) => unknownValues(file, item, members)),
  ];
  if (members.length === 0) members = usedMembers(outlines);
  members = [...members, ...fieldMembers(outlines, members)];
  members = [...members, ...operationMembers(outlines, members)];
  const byName = new Map(members.map((member) => [member.name, member]));
  return {
    members,
    byName,
    numberMacros: numberMacros(members, macros),
    slots: slotCount(outlines, byName, macros),
    problems,
  };
}

/** A type's definition. */
interface TypeDefinition {
  readonly file: SourceOutline;
  readonly item: OutlineItem;
}

/** The definitions of a kind of type, of one name or of all. */
function definitionsOf(outlines: readonly SourceOutline[], kind: 'enum' | 'struct', name?: string): TypeDefinition[] {
  return outlines.flatMap((file) =>
    file.items
      .filter((item) => item.kind === kind && item.bodyStart >= 0 && (name === undefined || item.name === name))
      .map((item) => ({ file, item })),
  );
}

/** What is listed of all definitions of a type but the first. */
function repeated(what: string, [first, ...others]: readonly TypeDefinition[]): RegisterFile['problems'] {
  return others.map(({ file, item }) => ({
    location: locationAt(file.source, item.start),
    message: `a second ${what}; the one in ${first?.file.source.path ?? ''} is used`,
  }));
}

/** The members of an enum that have no value which is understood: where a comma is missing, or a macro is not known. */
function unknownValues(
  file: SourceOutline,
  item: OutlineItem,
  members: readonly RegisterMember[],
): RegisterFile['problems'] {
  const values = new Map(members.map((member) => [member.name, member.index ?? member.index32]));
  const brace = file.code.slice(0, item.end).indexOf('{', item.bodyStart + 1);
  if (brace >= 0) return [{ location: locationAt(file.source, brace), message: 'a { is too many in this enum' }];
  return Array.from(enumerators(file, item)).flatMap(({ name, isSound }) => {
    if (isSound && values.get(name.text) !== null) return [];
    const message = isSound ? `the value of ${name.text} is not known` : `a comma is missing behind ${name.text}`;
    return [{ location: locationAt(file.source, name.start), message }];
  });
}

/** Registers that the cache has a field for, which an enum did not have in every era (asm/kvm_host.h). */
const FIELD_REGISTERS: readonly string[] = ['CR0', 'CR3', 'CR4'];

/** The registers that the enum lacks and the cache's struct has a field for: `arch.cr0`. They have no number. */
function fieldMembers(outlines: readonly SourceOutline[], known: readonly RegisterMember[]): RegisterMember[] {
  const names = new Set(known.map(({ register }) => register));
  return outlines.flatMap((file) => {
    const struct = file.items.find((item) => item.kind === 'struct' && item.name === CACHE_STRUCT);
    const lacking = struct ? FIELD_REGISTERS.filter((register) => !names.has(register)) : [];
    return lacking.flatMap((register): RegisterMember[] => {
      const field = register.toLowerCase();
      const at = struct?.words.get(field);
      if (!struct || at === undefined) return [];
      const declared = locationAt(file.source, struct.start + at);
      const offset = struct.start + at;
      return [
        { ...usedMember(`${CACHE_MEMBER}.${field}`), register, class: 'special', isNumbered: false, declared, offset },
      ];
    });
  });
}

/**
 * Registers that an operation of every backend reads, which neither an enum nor the cache has in every era (struct kvm_x86_ops in
 * asm/kvm_host.h).
 */
const OPERATION_REGISTERS: ReadonlyMap<string, string> = new Map([
  ['RFLAGS', 'get_rflags'],
  ['SEGMENTS', 'get_segment'],
]);

/** The registers that are known by the operation that reads them alone. They have no number and no place in the cache. */
function operationMembers(outlines: readonly SourceOutline[], known: readonly RegisterMember[]): RegisterMember[] {
  const names = new Set(known.map(({ register }) => register));
  const [operations] = definitionsOf(outlines, 'struct', OPERATIONS_STRUCT);
  if (!operations) return [];
  const { file, item } = operations;
  return [...OPERATION_REGISTERS].flatMap(([register, operation]): RegisterMember[] => {
    const at = item.words.get(operation);
    if (names.has(register) || at === undefined) return [];
    const declared = locationAt(file.source, item.start + at);
    return [{ ...usedMember(register), class: 'special', isNumbered: false, declared, offset: item.start + at }];
  });
}

/** The array's declaration in the cache's struct: `unsigned long regs[NR_VCPU_REGS];`. */
const ARRAY_DECLARATION = new RegExp(`\\b${CACHE_ARRAY}\\s*\\[([^[\\]]+)\\]\\s*;`);

function slotCount(
  outlines: readonly SourceOutline[],
  members: ReadonlyMap<string, RegisterMember>,
  macros: MacroLookup,
): number | null {
  for (const file of outlines) {
    const struct = file.items.find((item) => item.kind === 'struct' && item.name === CACHE_STRUCT);
    const bound = struct && ARRAY_DECLARATION.exec(file.code.slice(struct.bodyStart, struct.end))?.[1];
    if (bound === undefined) continue;
    const count = integerOf(bound, macros, (name) => {
      const index = members.get(name)?.index ?? null;
      return index === null ? null : BigInt(index);
    });
    return count === null ? null : Number(count);
  }
  return null;
}

/** How the enum's members are called in every tree (asm/kvm_host.h). */
const MEMBER_NAME = /^(?:VCPU_(?:EX)?REGS?_[A-Z0-9_]+|NR_VCPU_[A-Z_]*REGS)$/;

/**
 * For a tree without the enum, such as a copy of arch/x86/kvm alone: the members that its code names. Of their numbers only a
 * GPR's is known, which is the instruction set's.
 */
function usedMembers(outlines: readonly SourceOutline[]): RegisterMember[] {
  const names = new Set<string>();
  for (const file of outlines) {
    for (const item of file.items) for (const word of item.words.keys()) if (MEMBER_NAME.test(word)) names.add(word);
    for (const { body } of file.directives.macros)
      for (const { text } of body) if (MEMBER_NAME.test(text)) names.add(text);
  }
  const members = [...names].filter((name) => registerName(name) !== '').map(usedMember);
  const rank = (member: RegisterMember) => member.index ?? GPR_NAMES.length;
  return members.sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}

function usedMember(name: string): RegisterMember {
  const register = registerName(name);
  const isGpr = GPR_NAMES.includes(register);
  const number = GPR_NAMES.indexOf(register);
  return {
    name,
    register,
    role: name.startsWith('NR_') ? 'count' : 'register',
    aliasOf: null,
    class: classOf(register),
    index: isGpr ? number : null,
    index32: isGpr && number < 8 ? number : null,
    isNumbered: true,
    conditions: [],
    declared: null,
    offset: -1,
  };
}

function classOf(register: string): RegisterClass {
  return GPR_NAMES.includes(register) ? 'gpr' : register.includes('EXIT_INFO') ? 'exit-info' : 'special';
}

/** Whether a member names a register, as opposed to marking an end. */
export function isRegister(member: RegisterMember): boolean {
  return member.role !== 'count';
}

/** The member that an expression names, perhaps cast: `(enum kvm_reg)VCPU_REGS_RSP`; undefined for any other. */
export function memberWritten(registers: RegisterFile, written: string): RegisterMember | undefined {
  const name = bareName(written);
  return registers.byName.get(name) ?? registers.numberMacros.get(name);
}

/** A name without the casts before it; an expression that is more than a name stays as it is. */
export function bareName(written: string): string {
  return /^(?:\([^()]*\)\s*)*(\w+)$/.exec(written)?.[1] ?? written;
}

interface Width {
  readonly is64: boolean;
  next: bigint | null;
  readonly values: Map<string, bigint | null>;
}

function readMembers(
  file: SourceOutline,
  item: OutlineItem,
  before: readonly RegisterMember[],
  macros: MacroLookup,
): RegisterMember[] {
  const value = (index: number | null) => (index === null ? null : BigInt(index));
  const widths: Width[] = [true, false].map((is64) => ({
    is64,
    next: 0n,
    values: new Map(before.map((m) => [m.name, value(is64 ? m.index : m.index32)])),
  }));
  const known = new Map(before.map((member) => [member.name, member]));
  const members: RegisterMember[] = [];
  for (const { name, initializer } of enumerators(file, item)) {
    const conditions = configGuardsAt(file.directives, name.start);
    const [index, index32] = widths.map((width) => nextValue(width, name.text, initializer, conditions, macros));
    const [only, ...rest] = initializer;
    const original = only && rest.length === 0 ? known.get(only.text) : undefined;
    const aliasOf = original?.role === 'register' ? original.name : null;
    const register = registerName(name.text);
    const member: RegisterMember = {
      name: name.text,
      register,
      role: name.text.startsWith('NR_') ? 'count' : aliasOf === null ? 'register' : 'alias',
      aliasOf,
      class: classOf(register),
      index: index ?? null,
      index32: index32 ?? null,
      isNumbered: true,
      conditions,
      declared: locationAt(file.source, name.start),
      offset: name.start,
    };
    known.set(member.name, member);
    members.push(member);
  }
  return members;
}

function nextValue(
  width: Width,
  name: string,
  initializer: readonly Token[],
  conditions: readonly Guard[],
  macros: MacroLookup,
): number | null {
  if (configHolds(conditions, width.is64 ? 8 : 4) === false) return null;
  const value =
    initializer.length > 0 ? integerValue(initializer, macros, (n) => width.values.get(n) ?? null) : width.next;
  width.values.set(name, value);
  width.next = value === null ? null : value + 1n;
  return value === null ? null : Number(value);
}

/** `RAX` of `VCPU_REGS_RAX`, `CR3` of `VCPU_EXREG_CR3` and of `VCPU_REG_CR3`. */
function registerName(member: string): string {
  return member.replace(/^.*?_(?:EX)?X?REGS?_/, '');
}

function numberMacros(members: readonly RegisterMember[], macros: MacroLookup): Map<string, RegisterMember> {
  const found = new Map<string, RegisterMember>();
  for (const member of members) {
    const name = `__${member.name}`;
    if (macros(name)?.parameters === null) found.set(name, member);
  }
  return found;
}

import { integerOf } from '../../syntax/preprocessor/integers.js';
import type { MacroLookup } from '../../syntax/preprocessor/macroExpansion.js';
import { locationAt } from '../../syntax/text/sourceText.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import { fileTypes } from '../source/typeTables.js';
import { definitionsOf, type TypeDefinition } from '../source/typeDefinitions.js';
import { AVAILABLE_BITMAP, CACHE_ARRAY, CACHE_STRUCT, DIRTY_BITMAP } from '../symbols/cacheNames.js';
import { readMembers, unsoundMembers } from './enumMembers.js';
import { fieldMembers, operationMembers, usedMembers } from './lackingMembers.js';
import type { RegisterMember, RegisterProblem } from './registerMember.js';

/** The registers that the tree's enum declares. */
export interface RegisterFile {
  readonly members: readonly RegisterMember[];
  readonly byName: ReadonlyMap<string, RegisterMember>;
  /** Macros that hold a member's number, `__VCPU_REGS_RAX`, with the member each stands for. */
  readonly numberMacros: ReadonlyMap<string, RegisterMember>;
  /** How many slots the cache's array has in a 64-bit build; null where that is not known. */
  readonly slots: number | null;
  readonly problems: readonly RegisterProblem[];
}

/** The name of the enum that declares the registers of KVM's register cache (asm/kvm_host.h). */
const REGISTER_ENUM = 'kvm_reg';

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
    ...lackingParts(outlines),
    ...named.slice(0, 1).flatMap(({ file, item }) => unsoundMembers(file, item, members)),
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

/** What is listed where the struct of the register cache is there, and has no array or no bitmap of the names that are known. */
function lackingParts(outlines: readonly SourceOutline[]): RegisterProblem[] {
  const structs = definitionsOf(outlines, 'struct', CACHE_STRUCT);
  const [first] = structs;
  if (!first) return [];
  const lacking = [CACHE_ARRAY, AVAILABLE_BITMAP, DIRTY_BITMAP].filter((name) =>
    structs.every(({ file }) => !fileTypes(file).structs.get(CACHE_STRUCT)?.get(CACHE_STRUCT)?.has(name)),
  );
  const location = locationAt(first.file.source, first.item.start);
  const message = `struct ${CACHE_STRUCT} has no member called ${lacking.join(', ')}: how this tree keeps registers is not understood`;
  return lacking.length > 0 ? [{ location, message }] : [];
}

/** What is listed of all definitions of a type but the first. */
function repeated(what: string, [first, ...others]: readonly TypeDefinition[]): RegisterProblem[] {
  return others.map(({ file, item }) => ({
    location: locationAt(file.source, item.start),
    message: `a second ${what}; the one in ${first?.file.source.path ?? ''} is used`,
  }));
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

/** The member that an expression names, perhaps cast: `(enum kvm_reg)VCPU_REGS_RSP`; undefined for any other. */
export function memberWritten(registers: RegisterFile, written: string): RegisterMember | undefined {
  const name = bareName(written);
  return registers.byName.get(name) ?? registers.numberMacros.get(name);
}

/** A name without the casts before it; an expression that is more than a name stays as it is. */
export function bareName(written: string): string {
  return /^(?:\([^()]*\)\s*)*(\w+)$/.exec(written)?.[1] ?? written;
}

function numberMacros(members: readonly RegisterMember[], macros: MacroLookup): Map<string, RegisterMember> {
  const found = new Map<string, RegisterMember>();
  for (const member of members) {
    const name = `__${member.name}`;
    if (macros(name)?.parameters === null) found.set(name, member);
  }
  return found;
}

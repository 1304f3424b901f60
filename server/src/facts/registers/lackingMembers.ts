import { CACHE_MEMBER, CACHE_STRUCT } from '../symbols/cacheNames.js';
import { OPERATIONS_STRUCT } from '../symbols/opsTables.js';
import { locationAt } from '../../syntax/text/sourceText.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import { definitionsOf } from '../source/typeDefinitions.js';
import { GPR_NAMES, registerName, usedMember, type RegisterMember } from './registerMember.js';

/** How the enum's members are called in every tree (asm/kvm_host.h). */
const MEMBER_NAME = /^(?:VCPU_(?:EX)?REGS?_[A-Z0-9_]+|NR_VCPU_[A-Z_]*REGS)$/;

/**
 * For a tree without the enum, such as a copy of arch/x86/kvm alone: the members that its code names. Of their numbers only a
 * GPR's is known, which is the instruction set's.
 */
export function usedMembers(outlines: readonly SourceOutline[]): RegisterMember[] {
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

/** Registers that the cache has a field for, which an enum did not have in every era (asm/kvm_host.h). */
const FIELD_REGISTERS: readonly string[] = ['CR0', 'CR3', 'CR4'];

/** The registers that the enum lacks and the cache's struct has a field for: `arch.cr0`. They have no number. */
export function fieldMembers(outlines: readonly SourceOutline[], known: readonly RegisterMember[]): RegisterMember[] {
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
export function operationMembers(
  outlines: readonly SourceOutline[],
  known: readonly RegisterMember[],
): RegisterMember[] {
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

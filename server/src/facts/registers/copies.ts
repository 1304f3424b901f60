import type { Place } from '../../backends/place.js';
import type { TreeSymbols } from '../symbols/treeSymbols.js';
import { CACHE_ARRAY, CACHE_MEMBER, EMULATOR_ARRAY, EMULATOR_STRUCT } from '../symbols/cacheNames.js';
import type { RegisterFile } from './registerFile.js';
import type { RegisterMember } from './registerMember.js';

/*
 * The copies of registers that KVM itself keeps, as places: the register cache of a vCPU and the emulator's. Every such place is
 * made here, so that one register's has one name.
 */

/** What tells where the cache keeps a register. */
type CacheSymbols = Pick<TreeSymbols, 'registers' | 'fields'>;

/** Where the register cache keeps a register of the enum: its slot, or the field of its name (`arch.rip`, `arch.cr3`). */
export function cachePlace(symbols: CacheSymbols, member: string): Place {
  const known = symbols.registers.byName.get(member);
  const field = known?.class === 'gpr' ? undefined : fieldOf(symbols, member);
  if (field !== undefined) return cacheFieldPlace(field, member);
  const name = known && !hasSlot(symbols.registers, known) ? known.register : slotName(member);
  return { kind: 'cache', name, register: member };
}

/** A field of the cache that holds a register, by its name or the way to it from `arch` (`walk_mmu->pdptrs`). */
export function cacheFieldPlace(field: string, member: string): Place {
  return { kind: 'cache', name: `${CACHE_MEMBER}.${field}`, register: member };
}

/** The slot of the emulator's copy that a register of the enum has. */
export function emulatorPlace({ types }: Pick<TreeSymbols, 'types'>, member: string): Place {
  return { kind: 'emulator', name: `${emulatorArray(types)}[${member}]`, register: member };
}

/** The slot of a register whose number only run time knows; `index` is the expression that gives it. */
export function anySlotPlace(
  { types }: Pick<TreeSymbols, 'types'>,
  storage: 'cache' | 'emulator',
  index: string,
): Place {
  const name = storage === 'cache' ? slotName(index) : `${emulatorArray(types)}[${index}]`;
  return { kind: storage, name, register: null };
}

/** The emulator's array as its context has it: `_regs`, or one in a struct of its own, `decode.regs`. */
function emulatorArray({ members }: TreeSymbols['types']): string {
  const parts = [...(members.get(EMULATOR_STRUCT) ?? [])];
  const part = parts.find(([, struct]) => members.get(struct)?.has(CACHE_ARRAY));
  return part && !members.get(EMULATOR_STRUCT)?.has(EMULATOR_ARRAY) ? `${part[0]}.${CACHE_ARRAY}` : EMULATOR_ARRAY;
}

/** Whether a place is a slot of the cache's array, whichever it is. */
export function isCacheSlot(place: Place): boolean {
  return place.kind === 'cache' && place.name.startsWith(`${CACHE_MEMBER}.${CACHE_ARRAY}[`);
}

function slotName(index: string): string {
  return `${CACHE_MEMBER}.${CACHE_ARRAY}[${index}]`;
}

function fieldOf({ fields }: CacheSymbols, member: string): string | undefined {
  for (const field of fields.values()) if (field.member === member) return field.field;
  return undefined;
}

/** Whether the cache's array has a slot for a member. Where the array's size is not known, it is taken to have one for each. */
export function hasSlot({ slots }: RegisterFile, { index, class: kind }: RegisterMember): boolean {
  if (kind === 'gpr' || slots === null || index === null) return true;
  return index < slots;
}

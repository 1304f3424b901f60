import type { Owner, Sync } from '../../backends/owner.js';
import type { Accessor } from '../../facts/symbols/treeSymbols.js';
import type { RegisterModel } from '../../model/registerModel.js';

/** A register that a backend keeps in some way, with how. */
export interface Kept {
  readonly member: string;
  readonly register: string;
  readonly owner: Owner;
}

/** The owners that a test chooses, each with its register, of registers that have bits in the cache's bitmaps. */
export function keptWith(model: RegisterModel, isWanted: (owner: Owner) => boolean): Kept[] {
  return model.registers.flatMap(({ member, register, owners }) =>
    member?.isNumbered ? owners.filter(isWanted).map((owner) => ({ member: member.name, register, owner })) : [],
  );
}

/** How a backend keeps a register; undefined where it is not told. */
export function syncOf(model: RegisterModel, member: string, backend: string | undefined): Sync | undefined {
  const owners = model.registers.find((r) => r.member?.name === member)?.owners ?? [];
  return owners.find((owner) => owner.backend === backend)?.sync;
}

/** Members whose value is in the array, so that a number known only at run time may mean them. */
export function isInArray(model: RegisterModel, member: string): boolean {
  return model.registers.find((r) => r.member?.name === member)?.storage?.endsWith(']') ?? false;
}

/** Where a backend keeps a register, in a sentence: `the VMCS (GUEST_RSP)`. */
export function placeTitle({ place }: Owner): string {
  return place.kind === 'memory' ? place.name : `the ${place.kind.toUpperCase()} (${place.name})`;
}

/** An accessor that a macro makes, and that does nothing but read or write the slot. */
export function plainAccessors({ symbols }: RegisterModel, kind: Accessor['kind']): readonly Accessor[] {
  const isPlain = ({ instantiation }: Accessor) =>
    instantiation?.macros.every(
      (name) => !symbols.macros.get(name)?.definition.body.some((token) => symbols.indexed.has(token.text)),
    ) ?? false;
  return [...symbols.accessors.values()].filter((accessor) => accessor.kind === kind && isPlain(accessor));
}

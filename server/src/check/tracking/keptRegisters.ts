import type { Owner } from '../../backends/owner.js';
import type { Accessor } from '../../facts/symbols/treeSymbols.js';
import { registerOf } from '../../model/query/registers.js';
import { accessorsOf, indexedFunctionNamed, macroNamed } from '../../model/query/cSymbols.js';
import type { RegisterModel } from '../../model/registerModel.js';

/** A register that a backend keeps in some way, with how. */
export interface KeptRegister {
  readonly member: string;
  readonly register: string;
  readonly owner: Owner;
}

/** The registers that are kept in a way that a test chooses, with each such way, of those that have bits in the cache's bitmaps. */
export function registersKept({ registers }: RegisterModel, isKeptSo: (owner: Owner) => boolean): KeptRegister[] {
  return registers.flatMap(({ member, register, owners }) =>
    member?.isNumbered ? owners.filter(isKeptSo).map((owner) => ({ member: member.name, register, owner })) : [],
  );
}

/** Whether a member's value is in the array, so that a number known only at run time may mean it. */
export function isInArray(model: RegisterModel, member: string): boolean {
  return registerOf(model, member)?.storage?.endsWith(']') ?? false;
}

/** Where a backend keeps a register, in a sentence: `the VMCS (GUEST_RSP)`. */
export function ownPlaceText({ place }: Owner): string {
  return place.kind === 'memory' ? place.name : `the ${place.kind.toUpperCase()} (${place.name})`;
}

/** The accessors of a kind that a macro makes, and that do nothing but read or write the slot. */
export function plainAccessors(model: RegisterModel, kind: Accessor['kind']): readonly Accessor[] {
  const usesIndexed = (macro: string) =>
    macroNamed(model, macro)?.definition.body.some(({ text }) => indexedFunctionNamed(model, text)) ?? false;
  const isPlain = ({ instantiation }: Accessor) => instantiation?.macros.every((macro) => !usesIndexed(macro)) ?? false;
  return accessorsOf(model).filter((accessor) => accessor.kind === kind && isPlain(accessor));
}

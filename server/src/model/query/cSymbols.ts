import { memoizeByIdentity } from '../../cache/memoize.js';
import type { Accessor, IndexedFunction, TreeMacro, TreeSymbols, Wrapper } from '../../facts/symbols/treeSymbols.js';
import { groupBy } from '../groupBy.js';
import type { RegisterModel } from '../registerModel.js';
import { nameSpan, type FileSpan } from './text.js';

/** A function that reads or writes one register by its name (`kvm_rax_read`); null for any other name. */
export function accessorNamed({ symbols }: RegisterModel, name: string): Accessor | null {
  return symbols.accessors.get(name) ?? null;
}

/** Every accessor of the tree. */
export function accessorsOf({ symbols }: RegisterModel): readonly Accessor[] {
  return [...symbols.accessors.values()];
}

/** The accessors that the use of a macro at an offset of a file makes. */
export function accessorsMadeAt({ symbols }: RegisterModel, path: string, offset: number): readonly Accessor[] {
  return accessorsByUse(symbols).get(useKey(path, offset)) ?? [];
}

const accessorsByUse = memoizeByIdentity(({ accessors }: TreeSymbols) =>
  groupBy(accessors.values(), ({ file, instantiation }) => instantiation && useKey(file, instantiation.start)),
);

function useKey(path: string, offset: number): string {
  return `${path} ${String(offset)}`;
}

/** A function that takes a register's number (`kvm_register_read`); null for any other name. */
export function indexedFunctionNamed({ symbols }: RegisterModel, name: string): IndexedFunction | null {
  return symbols.indexed.get(name) ?? null;
}

/** Every function that takes a register's number. */
export function indexedFunctionsOf({ symbols }: RegisterModel): readonly IndexedFunction[] {
  return [...symbols.indexed.values()];
}

/** An ordinary function that is built on accessors (`kvm_read_edx_eax`); null for any other name. */
export function wrapperNamed({ symbols }: RegisterModel, name: string): Wrapper | null {
  return symbols.wrappers.get(name) ?? null;
}

/** The functions built on accessors that a file defines. */
export function wrappersIn({ symbols }: RegisterModel, path: string): readonly Wrapper[] {
  return [...symbols.wrappers.values()].filter(({ file }) => file === path);
}

/** The functions built on accessors of a register. */
export function wrappersOf({ symbols }: RegisterModel, member: string): readonly Wrapper[] {
  return [...symbols.wrappers.values()].filter(({ uses }) => uses.some((use) => use.member === member));
}

/** A macro with the file that defines it; null for a name that is none. */
export function macroNamed({ symbols }: RegisterModel, name: string): TreeMacro | null {
  return symbols.macros.get(name) ?? null;
}

/** Where a macro's name stands in its definition. */
export function macroSpan({ file, definition }: TreeMacro): FileSpan {
  return nameSpan(file, definition.nameStart, definition.name);
}

/** The members of a struct, by its tag, in their order; null for a struct that the tree does not show. */
export function membersOfStruct({ symbols }: RegisterModel, tag: string): readonly string[] | null {
  const members = symbols.types.members.get(tag);
  return members ? [...members.keys()] : null;
}

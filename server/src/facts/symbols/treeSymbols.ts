import type { DeclaredWords } from '../source/declaredWords.js';
import type { Guard } from '../../syntax/conditions/guard.js';
import type { MacroLookup } from '../../syntax/preprocessor/macroExpansion.js';
import type { Backend } from '../../backends/backend.js';
import type { MacroDefinition } from '../../syntax/preprocessor/directives.js';
import type { EgprNames } from '../egpr/egprNames.js';
import type { IndexField } from './indexDecoders.js';
import type { RegisterFile } from '../registers/registerFile.js';
import type { TypeTables } from '../source/typeTables.js';

/** What a function does to the register whose number it is given, as the contract's reference kinds say it. */
export type IndexedKind =
  'read' | 'write' | 'readwrite' | 'mark-available' | 'mark-dirty' | 'mark-reload' | 'test-available' | 'test-dirty';

/** A function that takes a register's number: `kvm_register_read(vcpu, reg)`, `reg_rmw(ctxt, nr)`. */
export interface IndexedFunction {
  readonly name: string;
  /** Which parameter is the number (0-based). */
  readonly parameter: number;
  /** Which parameter is the value of a write; null without one. */
  readonly value: number | null;
  readonly kind: IndexedKind;
  /** Whose registers: the cache's or the emulator's copy. */
  readonly storage: 'cache' | 'emulator';
  readonly file: string;
  /** Offset of the function's name. */
  readonly offset: number;
}

/** A macro's use that makes an accessor, and the macros in between. */
export interface Instantiation {
  readonly file: string;
  /** Which of its file's macro uses at top level it is, from 0. */
  readonly index: number;
  /** Offset of the use: `BUILD_KVM_GPR_ACCESSORS(rax, RAX)`. */
  readonly start: number;
  readonly end: number;
  /** The macros whose expansion it came through, outermost first. */
  readonly macros: readonly string[];
  /** `#if` conditions of the use. */
  readonly conditions: readonly Guard[];
}

/** A function that reads or writes one general-purpose register, or the instruction pointer, by its name. */
export interface Accessor {
  readonly name: string;
  readonly member: string;
  readonly kind: 'read' | 'write';
  /** Bits of the value that it passes on: 32 for a `u32`, 64 otherwise; null when the CPU's mode decides. */
  readonly width: 32 | 64 | null;
  /** null for one that is written by hand. */
  readonly instantiation: Instantiation | null;
  readonly file: string;
  /** Offset of its name; of the instantiation for a generated one. */
  readonly offset: number;
}

/** An ordinary function built on accessors: `kvm_read_edx_eax`, `kvm_read_cr3`. */
export interface Wrapper {
  readonly name: string;
  readonly uses: readonly {
    readonly member: string;
    readonly kind: 'read' | 'write';
    readonly width: 32 | 64 | null;
  }[];
  readonly file: string;
  readonly offset: number;
}

/** A field of `vcpu->arch` that holds a register: `rip`, `cr3`, `pdptrs`. */
export interface CacheField {
  readonly field: string;
  readonly member: string;
  /** The struct that has it: `kvm_vcpu_arch`, or one that it points to (older trees keep `pdptrs` in `kvm_mmu`). */
  readonly holder: string;
}

/** All names of a tree that its functions are read with. Everything but the hardware's own names comes from the tree. */
export interface TreeSymbols extends DeclaredWords {
  /** The backends that the tree is read for: what is ours to know, not the tree's. */
  readonly backends: readonly Backend[];
  readonly registers: RegisterFile;
  readonly macros: ReadonlyMap<string, TreeMacro>;
  /** The macros that each file defines itself, by its path. */
  readonly fileMacros: ReadonlyMap<string, ReadonlyMap<string, MacroDefinition>>;
  /** Macros that name a register, themselves or by way of others: those that may be sets of registers are among them. */
  readonly registerMacros: ReadonlySet<string>;
  /** Macros that may make a register's name, or touch an array of registers, themselves or by way of others. */
  readonly registerMakers: ReadonlySet<string>;
  /** Macros with inline assembly in what they expand to. */
  readonly asmMacros: ReadonlySet<string>;
  readonly types: TypeTables;
  readonly fields: ReadonlyMap<string, CacheField>;
  readonly indexed: ReadonlyMap<string, IndexedFunction>;
  readonly accessors: ReadonlyMap<string, Accessor>;
  readonly wrappers: ReadonlyMap<string, Wrapper>;
  /** Functions and macros that cut a register's number out of a larger one. */
  readonly decoders: ReadonlyMap<string, IndexField>;
  /** Functions that may move XSAVE state. */
  readonly stateFunctions: ReadonlySet<string>;
  /** Functions that move registers of a VMCB which they are given, or hand it on. */
  readonly vmcbFunctions: ReadonlySet<string>;
  /** Functions that enter a guest, by how they are called, and that the tree does not show. */
  readonly opaqueEntries: ReadonlySet<string>;
  /** Functions and operations on the way to VM-entry. */
  readonly vmEntryPathNames: ReadonlySet<string>;
  readonly egpr: EgprNames;
}

/** A macro with the file that defines it. */
export interface TreeMacro {
  readonly file: string;
  readonly definition: MacroDefinition;
}

/** The macro that a name means in a file: the file's own before another's. */
export function macroLookup({ macros, fileMacros }: TreeSymbols, path: string): MacroLookup {
  const own = fileMacros.get(path);
  return (name) => own?.get(name) ?? macros.get(name)?.definition;
}

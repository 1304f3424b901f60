import type { Condition } from '../syntax/conditions/condition.js';
import type { Guard } from '../syntax/conditions/guard.js';
import type { FileFacts } from '../facts/fileFacts.js';
import type { Place } from '../facts/registers/places.js';
import type { Reference } from '../facts/registers/references.js';
import type { RegisterClass, RegisterMember } from '../facts/registers/registerFile.js';
import type { TreeNumbers } from '../facts/regnum/treeNumbers.js';
import type { TreeSymbols } from '../facts/symbols/treeSymbols.js';
import type { AsmFileFacts } from '../facts/assembly/worldSwitch.js';
import type { Location, SourceText } from '../syntax/text/sourceText.js';
import type { CallGraph } from './callGraph.js';
import type { Phases } from './phases.js';
import type { SlotMove } from './slots.js';
import type { XsaveModel } from './xsave/xsaveModel.js';

/** When a transfer happens (the contract's phases). */
export type Phase =
  | 'vm-entry'
  | 'vm-exit'
  | 'on-demand'
  | 'set'
  | 'ioctl'
  | 'emulation'
  | 'nested'
  | 'smm'
  | 'reset'
  | 'launch'
  | 'other';

/** How a register's value is kept for a backend (the contract's `sync`). */
export type Sync =
  'switched' | 'eager' | 'lazy' | 'direct' | 'intercepted' | 'partial' | 'protected' | 'xsave' | 'none';

/** A value's way between two places. */
export interface Transfer {
  readonly from: Place | null;
  readonly to: Place | null;
  readonly file: string;
  readonly offset: number;
  /** Where the statement begins that does it, as `Reference.statement` has it. */
  readonly statement: number;
  /** 1-based; the column counts UTF-8 bytes. */
  readonly line: number;
  readonly column: number;
  readonly function: string;
  readonly phase: Phase;
  readonly guards: readonly Guard[];
  /** Done only for a dirty register. */
  readonly isIfDirty: boolean;
  /** The new value contains the old one (`|=`). */
  readonly isPartial: boolean;
  /** The guards that tell when, to a reader: without the case that chooses the register and tests of its avail or dirty bit. */
  readonly conditions: readonly Guard[];
  /** What names the value on a side that is no place. */
  readonly other: string;
  /** Its function is on the way to VM-entry itself. */
  readonly isOnEntryPath: boolean;
  /** The call on the way to VM-entry by which a helper comes to do it; null for what is not known by such a call. */
  readonly call: TransferCall | null;
}

/** Where a helper is called. */
interface TransferCall extends Location {
  readonly function: string;
}

/** Where a register is while the guest runs, for one backend, and how it comes and goes. */
export interface Owner {
  readonly backend: string;
  /** The condition under which this holds, where it is not the only case; the usual case comes first. */
  readonly when: Condition | null;
  readonly sync: Sync;
  readonly place: Place;
  /** Fills the register cache. */
  readonly load: readonly Transfer[];
  /** Empties the register cache. */
  readonly store: readonly Transfer[];
  readonly summary: string;
  /** What is still missing of it: what a series that was applied in part lacks. Empty for what is complete. */
  readonly missing: readonly string[];
}

/** A register with all that is known of it. */
export interface Register {
  /** The enum member, or null for a register of the architecture that the tree's enum lacks. */
  readonly member: RegisterMember | null;
  /** `RAX`, `CR3`, `R16`. */
  readonly register: string;
  readonly class: RegisterClass;
  readonly aliases: readonly string[];
  /** Where KVM keeps it: `arch.regs[VCPU_REGS_RAX]`, `arch.cr3`, `vmx->rflags`; null where nothing does. */
  readonly storage: string | null;
  readonly owners: readonly Owner[];
  /** Every transfer that touches it, owners' included. */
  readonly transfers: readonly Transfer[];
}

/** A backend of KVM: a way to run a guest. */
export interface Backend {
  readonly name: string;
  /** Functions of its world switch. */
  readonly entries: readonly string[];
}

/** A file with its references, those of its assembly included. */
export interface ModelFile {
  readonly source: SourceText;
  readonly references: readonly Reference[];
  /** null for a file of assembly alone. */
  readonly facts: FileFacts | null;
}

/** Something that could not be read soundly. */
export interface ModelProblem {
  readonly file: string;
  readonly line: number | null;
  readonly message: string;
}

/** All that is known of a tree. Plain data and look-ups; made afresh from facts. */
export interface RegisterModel {
  readonly kernel: string | null;
  readonly root: string;
  readonly symbols: TreeSymbols;
  readonly files: ReadonlyMap<string, ModelFile>;
  readonly backends: readonly Backend[];
  readonly registers: readonly Register[];
  readonly graph: CallGraph;
  readonly phases: Phases;
  readonly slots: readonly SlotMove[];
  readonly assembly: readonly AsmFileFacts[];
  /** XCR0, IA32_XSS, PKRU, IA32_XFD and the XSAVE components. */
  readonly xsave: XsaveModel;
  /** What the tree says of registers' numbers: read when it is first asked for, because only `check` asks. */
  readonly numbers: () => TreeNumbers;
  readonly problems: readonly ModelProblem[];
}

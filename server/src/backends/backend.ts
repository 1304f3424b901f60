import type { Guard } from '../syntax/conditions/guard.js';
import type { Owner, Reason, Unknowns } from './owner.js';
import type { HardwareKind, Place, PlaceFunction, PlaceKind, StructPlace } from './place.js';
import type { Transfer } from './transfer.js';

/**
 * A way of KVM's to run a guest, with all that is ours to know of it: what the tree itself states is not here. To add one, write a
 * file such as `vmx.ts` and put it into `registry.ts`.
 */
export interface Backend {
  /** As the contract has it: `vmx`. */
  readonly name: string;
  /** How a kernel developer writes it: `VMX`. */
  readonly title: string;
  /** The backend whose vendor module holds its code: SEV-ES is SVM's. Itself for most. */
  readonly vendor: string;
  /** The vendors of CPUs that have it, as asm/processor.h names them; none of one that is part of another's. */
  readonly cpus: readonly string[];
  /** Where its guests' registers are that KVM cannot read; null for guests whose registers it can. */
  readonly hiddenIn: Place | null;
  readonly entry: GuestEntry;
  /** The kinds of places that are its own. */
  readonly places: readonly HardwareKind[];
  /** Structs whose members are places, by their tags. */
  readonly structs: Readonly<Record<string, StructPlace>>;
  /** Members that are of a struct above, for a tree whose header with the type is absent: member -> tag. */
  readonly members: Readonly<Record<string, string>>;
  /** What a call to an accessor of its places does; null for any other function. */
  readonly placeFunction: (name: string) => PlaceFunction | null;
  /** The owners of a register, the usual case first. Never empty. */
  readonly ownersOf: <T extends Transfer>(register: OwnedRegister, query: OwnerQuery<T>) => readonly OwnerParts[];
}

/** How a guest of a backend is entered. */
export interface GuestEntry {
  /** Instructions, by their mnemonics. Several backends may share one. */
  readonly instructions: readonly string[];
  /** A call of firmware that enters one; null without any. */
  readonly call: FirmwareEntry | null;
  /** How the way back is called: `VM-exit`, `#VMEXIT`. */
  readonly exitTitle: string;
  /**
   * Of backends that share an instruction: whether a function that executes it enters a guest of this one. null for the one
   * that has all that no other claims.
   */
  readonly claims: ((entry: EntryFacts) => boolean) | null;
}

/** A guest's entry by a call of firmware. */
export interface FirmwareEntry {
  /** How it is told: `tdh.vp.enter`. */
  readonly name: string;
  /** The constant by which the kernel's own function for it names the call. */
  readonly leaf: string;
  /** That function, for a tree that does not show it. */
  readonly function: string;
  /** The assembly that calls firmware: it moves the arguments of calls, never the register cache. Matched with a path. */
  readonly assembly: RegExp;
}

/** What tells which backend a guest's entry is of. */
export interface EntryFacts {
  /** Whether its function moves general-purpose registers between hardware and memory; null where that is not known. */
  readonly movesGprs: boolean | null;
  /** Whether another function enters a guest the same way and moves them. */
  readonly hasMovingSibling: boolean;
  /** Whether the tree moves registers to or from a kind of place. */
  readonly hasPlace: (kind: PlaceKind) => boolean;
}

/** A register whose owners are asked for. */
export interface OwnedRegister {
  /** The enum member: `VCPU_REGS_RAX`. */
  readonly name: string;
  /** `RAX`. */
  readonly register: string;
  readonly class: 'gpr' | 'special' | 'exit-info';
  /** Where the enum has it; null where the tree has no such enum. */
  readonly declared: { readonly file: string; readonly line: number } | null;
}

/** An owner but for its backend's name. */
export type OwnerParts = Omit<Owner, 'backend'>;

/** What an owner is derived from: questions to the tree about one register, for one backend. */
export interface OwnerQuery<T extends Transfer> {
  /** Where KVM keeps the register. */
  readonly storage: Place;
  /** Whether KVM's common code keeps it, as opposed to a vendor's own code. */
  readonly hasCommonCopy: boolean;
  /** Moves from a kind of place into the register's storage. */
  readonly loadsFrom: (kind: PlaceKind) => readonly T[];
  /** Moves of the register's storage to a kind of place, and values that KVM sets there for it. */
  readonly storesTo: (kind: PlaceKind) => readonly T[];
  /** Loads from guest memory by this backend's cache callback: of what its hardware has no field for. */
  readonly loadsFromMemory: () => readonly T[];
  /** Functions that return a kind of place's own value of the register. */
  readonly directReads: (kind: PlaceKind) => readonly T[];
  /** What the assembly that enters its guests moves, between hardware and the register's slot. */
  readonly switched: () => { readonly load: readonly T[]; readonly store: readonly T[]; readonly unknown: Unknowns };
  /** What of the tree's C code for this backend is not read, or not there: why a move of a register may have been overlooked. */
  readonly unread: (kind: PlaceKind) => readonly Reason[];
  /** Code around VM-entry, or that fetches registers, which may move the register to or from a kind of place and does not tell so. */
  readonly opaqueMoves: (kind: PlaceKind) => Unknowns;
  /** Of what is not read, the parts of files that could not be read as what they are. */
  readonly unreadParts: () => readonly Reason[];
  /** Whether a handler of an exit sets the register's storage, itself or by what it calls: guest writes trap. */
  readonly isSetInHandlers: () => boolean;
  /** Reads from a kind of place in handlers of an exit, by the exit's name. */
  readonly readsInHandler: (kind: PlaceKind, exit: string) => readonly T[];
  /** The handlers of an exit, by its name, as reasons why something that they may read is not known. */
  readonly handlersOf: (exit: string) => readonly Reason[];
  /** The members of a struct of the tree's; null where it defines none of that tag. */
  readonly membersOf: (struct: string) => ReadonlySet<string> | null;
  /** The conditions of loads that are this register's own: not those that all of their function are under. */
  readonly ownConditions: (loads: readonly T[], kind: PlaceKind) => readonly Guard[];
  /** Whether a transfer is done only for a guest whose registers are encrypted. */
  readonly isForProtectedGuest: (transfer: T) => boolean;
}

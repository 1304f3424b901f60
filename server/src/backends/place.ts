/**
 * Where a guest register's value can live (the contract's `place.kind`). Those that every tree has: `hardware cache emulator nested
 * userspace smram memory host fpstate`; a backend adds its own (`backends/vmx.ts`: `vmcs`).
 */
export type PlaceKind = string;

/** The kind of a save area of which it is not known whose it is. */
export const UNKNOWN_PLACE: PlaceKind = 'unknown';

/** A place, as code names it. */
export interface Place {
  readonly kind: PlaceKind;
  /** `GUEST_RSP`, `save.rax`, `r10`, `arch.regs[VCPU_REGS_RAX]`. */
  readonly name: string;
  /** The enum member it holds, where the place names one: a slot of the cache or of the emulator's copy. */
  readonly register: string | null;
  /** Which of several: `vmcb01`, L1's VMCB, while `vmcb02` runs L2. */
  readonly which?: string;
  /** In a function's own facts: the parameter that says which of several, by its index; its callers know. */
  readonly parameter?: number;
}

/** A struct whose members are a place, and how a member is called there. */
export interface StructPlace {
  readonly kind: PlaceKind;
  readonly prefix: string;
}

/**
 * A C function that reads or writes a place, by what its arguments are, not counting the vCPU that it may be given. `select`: it
 * makes its first argument the control structure that the others reach from then on.
 */
export interface PlaceFunction {
  readonly kind: PlaceKind;
  readonly access: 'read' | 'write' | 'select';
  /** Which argument names the field (0-based), or the field's name itself. */
  readonly field: number | string;
  /** Names of fields that tell which argument is the field, whichever it is; null where its place alone tells. */
  readonly fieldNames: RegExp | null;
  /** Which argument is the value that is written. */
  readonly value: number | null;
}

/** How a kind of place is spoken of. */
export interface PlaceWords {
  /** How a kernel developer calls it: `VMCS`. */
  readonly title: string;
  /** What stands before a field's name in a sentence: `VMCS `, `the TDX argument `. */
  readonly lead: string;
  /** What stands before a field's name in a cell of the map. */
  readonly cell: string;
  /** Where a register is that passes through it, instead of its own title and field; null where it is just there. */
  readonly kept: string | null;
  /** What is said of a register that KVM cannot see; null where it can. */
  readonly hidden: string | null;
  /** How a register passes through it that KVM cannot see; null where none does. */
  readonly passing: PassingWords | null;
}

/** How a protected register passes through a protocol. */
export interface PassingWords {
  /** What is said of a register: where it is, and what KVM sees of it. `by`: ` by FUNCTION`, or ''. */
  readonly sentence: (field: string, by: string, isAnswered: boolean) => string;
  /** What stands before the function that takes the register in; before the one that gives it out, '' where that is not told. */
  readonly in: (field: string) => string;
  readonly out: (field: string) => string;
  /** A register is told of by the way in alone, where there is one. */
  readonly isOneWay: boolean;
  /** What stands before the field of a register that is there at every exit. */
  readonly always: string;
  /** How the place is called above a declaration: `GHCB rax`, `r10`. */
  readonly short: (field: string) => string;
}

/**
 * What a place is there for. `save-area`: VM-entry loads the guest's registers from it, VM-exit saves them there. `launch-area`:
 * it is written before the guest first runs and encrypted from then on. `protocol`: the guest puts there what it wants KVM to see.
 */
export type HardwareRole = 'save-area' | 'launch-area' | 'protocol';

/** Bits of a field that are a register's, by the constant that masks them. */
interface FieldPart {
  readonly field: string;
  readonly mask: string;
  readonly register: string;
}

/** A kind of place that is a backend's: hardware or firmware fills it, or reads it. */
export interface HardwareKind {
  readonly kind: PlaceKind;
  readonly words: PlaceWords;
  readonly role: HardwareRole;
  /** VM-entry and VM-exit load XSAVE's control registers from it themselves. */
  readonly loadsXsaveState: boolean;
  /**
   * Whether a field holds a register, by the manuals' names; null for a place whose fields are not called after what they
   * hold, such as the arguments of a call.
   */
  readonly holds: ((field: string, register: string) => boolean) | null;
  /** Fields of which some bits are a register's; left out where there are none. */
  readonly parts?: readonly FieldPart[];
  /** The constants by which code names fields of the guest's state; left out where fields are members of a struct. */
  readonly constants?: RegExp;
  /** Instructions that read or write one of its fields, as `asm()` statements write them; left out where there are none. */
  readonly instructions?: RegExp;
  /** What a field of a protocol tells KVM that is no register of the guest's; null for one that may be. */
  readonly tells?: (field: string) => string | null;
  /** What is said of a field, by its name in code, that has to do with a register and is not its place; null for any other. */
  readonly describes?: (field: string) => string | null;
}

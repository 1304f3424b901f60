import type { TreeBackend } from './treeBackends.js';
import type { EgprRegister } from './egpr/egprRegister.js';
import type { MissingPart } from './egpr/missingParts.js';
import type { Transfer } from '../backends/transfer.js';
import type { Owner } from '../backends/owner.js';
import type { FileFacts } from '../facts/fileFacts.js';
import type { Reference } from '../facts/registers/reference.js';
import type { RegisterClass, RegisterMember } from '../facts/registers/registerMember.js';
import type { TreeNumbers } from '../facts/regnum/treeNumbers.js';
import type { TreeSymbols } from '../facts/symbols/treeSymbols.js';
import type { AsmFileFacts } from '../facts/assembly/asmFile.js';
import type { SourceText } from '../syntax/text/sourceText.js';
import type { CallGraph } from './callGraph.js';
import type { ModelProblem } from './modelProblem.js';
import type { Phases } from './phases.js';
import type { SlotMove } from './slots.js';
import type { XsaveModel } from './xsave/xsaveModel.js';

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
  readonly owners: readonly RegisterOwner[];
  /** Every transfer that touches it, owners' included. */
  readonly transfers: readonly Transfer[];
  /** What the tree does with one of R16-R31; null for other registers. */
  readonly egpr: EgprRegister | null;
}

/** An owner of a register. */
export interface RegisterOwner extends Owner {
  /** What is still missing of it: what a series that was applied in part lacks. Empty for what is complete. */
  readonly missing: readonly MissingPart[];
}

/** A file with its references, those of its assembly included. */
export interface ModelFile {
  readonly source: SourceText;
  readonly references: readonly Reference[];
  /** null for a file of assembly alone. */
  readonly facts: FileFacts | null;
}

/** All that is known of a tree. Plain data and look-ups; made afresh from facts. */
export interface RegisterModel {
  readonly kernel: string | null;
  readonly root: string;
  readonly symbols: TreeSymbols;
  readonly files: ReadonlyMap<string, ModelFile>;
  readonly backends: readonly TreeBackend[];
  readonly registers: readonly Register[];
  readonly graph: CallGraph;
  readonly phases: Phases;
  readonly slots: readonly SlotMove[];
  readonly assembly: readonly AsmFileFacts[];
  /** XCR0, IA32_XSS, PKRU, IA32_XFD and the XSAVE components. */
  readonly xsave: XsaveModel;
  /** What the tree says of registers' numbers: read when it is first asked for: by `check`, and for a number that no mask or decoder beside it tells. */
  readonly numbers: () => TreeNumbers;
  /** What of the tree could not be read: files, with no line, and parts of files. */
  readonly unread: readonly ModelProblem[];
  /** What could not be read, or was repaired, and what of registers is not known for it or for another reason. */
  readonly problems: readonly ModelProblem[];
}

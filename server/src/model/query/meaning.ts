import type { Transfer } from '../../backends/transfer.js';
import type { RegisterMember } from '../../facts/registers/registerMember.js';
import type { Reference } from '../../facts/registers/reference.js';
import type { IndexedFunction, TreeMacro, Wrapper } from '../../facts/symbols/treeSymbols.js';
import type { GraphNode } from '../callGraph.js';
import type { Register, RegisterModel } from '../registerModel.js';
import type { SlotMove } from '../slots.js';
import type { TreeBackend } from '../treeBackends.js';
import type { XsaveAssignment, XsaveTransfer } from '../xsave/xsaveModel.js';
import type { AsmFunction, AsmMoves } from './assembly.js';
import type { BitMask } from './bitMasks.js';
import type { CacheMember } from './cacheMembers.js';
import type { NumberWidth } from './numberWidths.js';
import type { CopyVariable } from './copyVariables.js';
import type { ConditionedCall } from './conditionedCalls.js';
import type { ConditionCopy } from './conditionCopies.js';
import type { ConditionedMove } from './conditionWords.js';
import type { HandedRegister } from './handedRegisters.js';
import type { HardwareAccess } from './hardwareFunctions.js';
import type { InstructionOperand } from './instructionOperands.js';
import type { LocalArray } from './localArrays.js';
import type { MaskCopy } from './maskCopies.js';
import type { OperationChain } from './operations.js';
import type { PlaceUse } from './placeUses.js';
import type { RegisterCopy } from './registerCopies.js';
import type { RegisterSteps } from './registerSteps.js';
import type { RoleBit } from './roleBits.js';
import type { RunField } from './runFields.js';
import type { SegmentNumber } from './segmentNumbers.js';
import type { SegmentPart } from './segmentParts.js';
import type { NamedPlace } from './structPlaces.js';
import type { LocatedSet } from './sets.js';
import type { SupportedMask } from './supportedMasks.js';
import type { FileSpan } from './text.js';
import type { TraceField } from './traceFields.js';
import type { Variable } from './variables.js';
import type { XsaveSubject } from './xsaveStates.js';
import type { XsaveVariable } from './xsaveVariables.js';

/** What a token means. */
export type Meaning =
  /** A reference to a register, to any of them by a number, or to an end marker of the enum. */
  | { readonly kind: 'reference'; readonly reference: Reference }
  | { readonly kind: 'set'; readonly set: LocatedSet }
  /** A function whose assembly is around a VM-entry. */
  | { readonly kind: 'world-switch'; readonly fn: AsmFunction }
  /** A macro that holds a register's number, for C and assembly: `__VCPU_REGS_RAX`. */
  | { readonly kind: 'number-macro'; readonly member: RegisterMember; readonly macro: TreeMacro }
  /** A symbol of an assembly file that is a slot's offset: `VCPU_RAX`. */
  | { readonly kind: 'slot-offset'; readonly slot: SlotMove }
  /** A symbol of assembly that is the offset of the whole register array: `VMX_vcpu_arch_regs`. */
  | { readonly kind: 'array-offset'; readonly slots: readonly SlotMove[] }
  /** An instruction, or a use of an assembly macro, that moves registers to or from memory. */
  | { readonly kind: 'assembly'; readonly moves: AsmMoves }
  /** The name of an assembly macro whose uses move guest registers, and where it is defined. */
  | { readonly kind: 'assembly-macro'; readonly slots: readonly SlotMove[]; readonly defined: FileSpan }
  /** The `asm` that reads or writes one of R16-R31 in hardware. */
  | { readonly kind: 'egpr-access'; readonly register: Register; readonly transfer: Transfer }
  /** The name of the number of one of R16-R31 that the enum lacks: `__VCPU_XREG_R20`. */
  | { readonly kind: 'egpr-number'; readonly register: Register }
  /** A function that takes a register's number. */
  | { readonly kind: 'indexed-function'; readonly indexed: IndexedFunction }
  /** A function that moves registers, or clears them. */
  | { readonly kind: 'function'; readonly node: GraphNode }
  /** A function that switches or copies XSAVE state. */
  | { readonly kind: 'xsave-function'; readonly node: GraphNode; readonly assignments: readonly XsaveAssignment[] }
  /** A function that is built on accessors. */
  | { readonly kind: 'wrapper'; readonly wrapper: Wrapper }
  /** An operation of the vendor module that moves registers, with what each of its implementations comes to. */
  | { readonly kind: 'operation'; readonly operation: string; readonly chains: readonly OperationChain[] }
  /** A state of XSAVE's; `isShared`: in code of the FPU core that runs for the host's tasks as well. */
  | { readonly kind: 'xsave-state'; readonly state: XsaveSubject; readonly isShared: boolean }
  /** A variable that holds a value for XCR0, IA32_XSS or PKRU. */
  | { readonly kind: 'xsave-variable'; readonly variable: XsaveVariable }
  /** A mask of the bits that guests may set in XCR0 or IA32_XSS: `kvm_caps.supported_xcr0`. */
  | { readonly kind: 'supported-mask'; readonly supported: SupportedMask }
  /** A local variable that begins as such a mask. */
  | { readonly kind: 'mask-copy'; readonly copy: MaskCopy }
  /** An ioctl that copies XSAVE state. */
  | { readonly kind: 'xsave-ioctl'; readonly transfers: readonly XsaveTransfer[] }
  /** A place beside the register cache, with what moves through it there. */
  | { readonly kind: 'place'; readonly uses: readonly [PlaceUse, ...PlaceUse[]] }
  | { readonly kind: 'member'; readonly member: CacheMember }
  /** The number of a segment register: `VCPU_SREG_CS`. */
  | { readonly kind: 'segment-number'; readonly segment: SegmentNumber }
  /** A variable or a member that is a segment register, or a part of one, by its type. */
  | { readonly kind: 'segment-part'; readonly part: SegmentPart }
  /** A member of a backend's own struct in which KVM keeps what it has read of a register. */
  | { readonly kind: 'register-copy'; readonly copy: RegisterCopy }
  /** A local variable that has such a copy's value. */
  | { readonly kind: 'copy-variable'; readonly variable: CopyVariable }
  /** An instruction, or a call of firmware, that enters a guest. */
  | { readonly kind: 'entry'; readonly backends: readonly TreeBackend[] }
  /** An instruction that saves, restores or clears registers around a VM-entry. */
  | { readonly kind: 'register-steps'; readonly steps: RegisterSteps }
  /** The label at which a VM-exit arrives. */
  | { readonly kind: 'exit-label'; readonly fn: AsmFunction }
  /** A field that has to do with a register and is not its place. */
  | { readonly kind: 'field'; readonly words: string }
  /** A call of the kernel's for a register of hardware that is not switched with the guest: `native_read_cr2`, `set_debugreg`. */
  | { readonly kind: 'hardware-access'; readonly access: HardwareAccess }
  /** A variable that holds a register's value, or is given to one. */
  | { readonly kind: 'variable'; readonly variable: Variable }
  /** A place that a word names by itself: a member of a struct that is one, where it is declared, or a field's constant. */
  | { readonly kind: 'named-place'; readonly named: NamedPlace }
  /** A local array with values of a register that has several: the PDPTRs. */
  | { readonly kind: 'local-array'; readonly array: LocalArray }
  /** A word of a tracepoint's definition that is called after a register, or gets one's value. */
  | { readonly kind: 'trace-field'; readonly field: TraceField }
  /** A function that returns a register's number, with how many bits that has. */
  | { readonly kind: 'decoder'; readonly widths: readonly NumberWidth[] }
  /** What conditions test under which registers are moved, `enable_ept`, or functions called that do: `KVM_RUN_LOAD_GUEST_DR6`. */
  | {
      readonly kind: 'condition';
      readonly moves: readonly ConditionedMove[];
      readonly calls: readonly ConditionedCall[];
    }
  /** A variable of common code that has what vendors' modules test under names of their own: `tdp_enabled`. */
  | { readonly kind: 'condition-copy'; readonly copies: readonly ConditionCopy[] }
  /** A function of which no more is known than that it gets a register's value where it is called. */
  | { readonly kind: 'handed-register'; readonly handed: HandedRegister }
  /** A hardware register that is an operand of an instruction of the kernel's own, in the body of a macro, or that macro's use. */
  | { readonly kind: 'instruction-operand'; readonly operand: InstructionOperand }
  /** A member of userspace's `struct kvm_run` on the other side of a move. */
  | { readonly kind: 'run-field'; readonly field: RunField }
  /** A bit that is called after a register's, of an MMU's role, or a copy that such a role is made of. */
  | { readonly kind: 'role-bit'; readonly bit: RoleBit }
  /** Several bits of a control register by one name: `X86_CR4_PDPTR_BITS`. */
  | { readonly kind: 'bit-mask'; readonly mask: BitMask }
  /** A word that says nothing of registers. It may still have a definition that an indexer of C does not know. */
  | { readonly kind: 'other' };

/** A word of a file. */
export interface Word {
  readonly model: RegisterModel;
  readonly path: string;
  /** Offset. */
  readonly start: number;
  readonly name: string;
}

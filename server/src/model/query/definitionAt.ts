import type { Transfer } from '../../backends/transfer.js';
import type { RegisterMember } from '../../facts/registers/registerMember.js';
import type { Reference } from '../../facts/registers/reference.js';
import type { IndexedFunction, TreeMacro, Wrapper } from '../../facts/symbols/treeSymbols.js';
import type { Span } from '../../syntax/text/sourceText.js';
import { operationName, type GraphNode } from '../callGraph.js';
import type { Register, RegisterModel } from '../registerModel.js';
import type { SlotMove } from '../slots.js';
import type { TreeBackend } from '../treeBackends.js';
import type { XsaveAssignment, XsaveTransfer } from '../xsave/xsaveModel.js';
import { areaCopies } from './areaCopies.js';
import {
  asmFunctionsIn,
  asmMovesAt,
  backendEnteredBy,
  exitingAt,
  isWorldSwitch,
  slotAddressedBy,
  slotsAt,
  slotsFrom,
  slotsOfMacro,
  type AsmFunction,
  type AsmMoves,
} from './assembly.js';
import { backendsEnteredBy, fieldDescription } from './backends.js';
import { cacheMemberAt, type CacheMember } from './cacheMembers.js';
import { decoderWidths, type NumberWidth } from './numberWidths.js';
import { callsUnder, type ConditionedCall } from './conditionedCalls.js';
import { movesUnder, type ConditionedMove } from './conditionWords.js';
import { egprAccessAt, egprNumbered } from './egprs.js';
import { functionVisibleIn, isInC, isOnEntryPath, operationTableAt } from './functions.js';
import { functionUse, handedOn } from './functionUse.js';
import { hostFieldsWritten } from './hostFields.js';
import { isHostOnly, isSharedWithHost } from './hostCode.js';
import { instructionOperandAt, type InstructionOperand } from './instructionOperands.js';
import { registersHandedOn } from './numberedRegisters.js';
import { chainsCalled, operationChains, workersOf, type OperationChain } from './operations.js';
import { givenFieldWords, placeUsesAt, type PlaceUse } from './placeUses.js';
import { referenceByVariable, referenceGivenTo, referencesAt, referencesIn } from './references.js';
import { copiesEmptiedBy, registerCopyAt, type RegisterCopy } from './registerCopies.js';
import { memberOfNumberMacro, registerOf } from './registers.js';
import { registerStepsAt, type RegisterSteps } from './registerSteps.js';
import { roleBitAt, type RoleBit } from './roleBits.js';
import { runFieldAt, type RunField } from './runFields.js';
import { segmentNumberAt, type SegmentNumber } from './segmentNumbers.js';
import { fieldPlaceNamed, macroPlaceAt, structPlaceAt, type NamedPlace } from './structPlaces.js';
import { setNamed, type LocatedSet } from './sets.js';
import { asmMacroDefinition } from './symbolDefinitions.js';
import { indexedFunctionNamed, macroNamed, wrapperNamed } from './cSymbols.js';
import { sourceOf, wordAt, type FileSpan } from './text.js';
import { crossingsOf } from './transfers.js';
import { traceFieldAt, type TraceField } from './traceFields.js';
import { unlistedUses } from './unlistedUses.js';
import { variableAt, type Variable } from './variables.js';
import { assignmentsThrough, transfersOfIoctl, xsaveStateAt, type XsaveSubject } from './xsaveStates.js';
import { xsaveVariableAt, type XsaveVariable } from './xsaveVariables.js';

/** What a token of a file means, with the token. */
export type Definition = Meaning & {
  readonly token: FileSpan;
  /** The token's text. */
  readonly name: string;
  /** The references whose token it is. */
  readonly references: readonly Reference[];
};

/** What a token means. */
type Meaning =
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
  /** An ioctl that copies XSAVE state. */
  | { readonly kind: 'xsave-ioctl'; readonly transfers: readonly XsaveTransfer[] }
  /** A place beside the register cache, with what moves through it there. */
  | { readonly kind: 'place'; readonly uses: readonly [PlaceUse, ...PlaceUse[]] }
  | { readonly kind: 'member'; readonly member: CacheMember }
  /** The number of a segment register: `VCPU_SREG_CS`. */
  | { readonly kind: 'segment-number'; readonly segment: SegmentNumber }
  /** A member of a backend's own struct in which KVM keeps what it has read of a register. */
  | { readonly kind: 'register-copy'; readonly copy: RegisterCopy }
  /** An instruction, or a call of firmware, that enters a guest. */
  | { readonly kind: 'entry'; readonly backends: readonly TreeBackend[] }
  /** An instruction that saves, restores or clears registers around a VM-entry. */
  | { readonly kind: 'register-steps'; readonly steps: RegisterSteps }
  /** The label at which a VM-exit arrives. */
  | { readonly kind: 'exit-label'; readonly fn: AsmFunction }
  /** A field that has to do with a register and is not its place. */
  | { readonly kind: 'field'; readonly words: string }
  /** A variable that holds a register's value, or is given to one. */
  | { readonly kind: 'variable'; readonly variable: Variable }
  /** A place that a word names by itself: a member of a struct that is one, where it is declared, or a field's constant. */
  | { readonly kind: 'named-place'; readonly named: NamedPlace }
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
  /** A hardware register that is an operand of an instruction of the kernel's own, in the body of a macro, or that macro's use. */
  | { readonly kind: 'instruction-operand'; readonly operand: InstructionOperand }
  /** A member of userspace's `struct kvm_run` on the other side of a move. */
  | { readonly kind: 'run-field'; readonly field: RunField }
  /** A bit that is called after a register's, of an MMU's role, or a copy that such a role is made of. */
  | { readonly kind: 'role-bit'; readonly bit: RoleBit }
  /** A word that says nothing of registers. It may still have a definition that an indexer of C does not know. */
  | { readonly kind: 'other' };

/** What the token at an offset of a file means; null where there is no word. */
export function definitionAt(model: RegisterModel, path: string, offset: number): Definition | null {
  const source = sourceOf(model, path);
  if (!source) return null;
  const defined = (meaning: Meaning, { start, end }: Span): Definition => {
    return { ...meaning, token: { file: path, start, end }, name: source.text.slice(start, end), references };
  };
  const references = referencesAt(model, path, offset);
  const [reference] = references;
  // A wrapper's name may stand for several registers; which, its own meaning says.
  const isOfSeveral = reference?.isIndirect && (wrapperNamed(model, reference.via)?.uses.length ?? 0) > 1;
  const moves = movesOfSeveral(model, path, offset, references);
  if (moves) return defined({ kind: 'assembly', moves }, reference ?? moves.transfers[0].instruction);
  if (reference && !isOfSeveral) return defined({ kind: 'reference', reference }, reference);
  // The `%` of an assembly register belongs to it.
  const word = wordAt(source, source.text[offset] === '%' ? offset + 1 : offset);
  if (!word) return null;
  const named = { model, path, start: word.start, name: source.text.slice(word.start, word.end) };
  for (const meaningOf of MEANINGS) {
    const meaning = meaningOf(named);
    if (meaning) return defined(meaning, word);
  }
  return defined(reference ? { kind: 'reference', reference } : { kind: 'other' }, word);
}

/** What a token in assembly moves that stands for several registers: a use of a macro that names none of them; null for any other. */
function movesOfSeveral(
  model: RegisterModel,
  path: string,
  offset: number,
  references: readonly Reference[],
): AsmMoves | null {
  const registers = new Set(references.map(({ register }) => register));
  return registers.size > 1 ? asmMovesAt(model, path, offset) : null;
}

/** A word of a file. */
interface Word {
  readonly model: RegisterModel;
  readonly path: string;
  /** Offset. */
  readonly start: number;
  readonly name: string;
}

/** What a word may mean beside a reference; what comes first goes before what comes later. */
const MEANINGS: readonly ((word: Word) => Meaning | null)[] = [
  ({ model, name }) => {
    const set = setNamed(model, name);
    return set && { kind: 'set', set };
  },
  ({ model, path, name }) => {
    const fn = asmFunctionsIn(model, path).find(({ asm }) => asm.name === name);
    return fn && isWorldSwitch(model, fn) ? { kind: 'world-switch', fn } : null;
  },
  ({ model, name }) => {
    const member = memberOfNumberMacro(model, name);
    const macro = member && macroNamed(model, name);
    return macro && { kind: 'number-macro', member, macro };
  },
  ({ model, path, name }) => {
    const slot = slotAddressedBy(model, path, name);
    return slot && { kind: 'slot-offset', slot };
  },
  ({ model, name }) => {
    const slots = slotsFrom(model, name);
    return slots.length > 0 ? { kind: 'array-offset', slots } : null;
  },
  ({ model, path, start }) => {
    const moves = asmMovesAt(model, path, start);
    return moves && { kind: 'assembly', moves };
  },
  ({ model, name }) => {
    const slots = slotsOfMacro(model, name);
    const defined = slots.length > 0 ? asmMacroDefinition(model, name) : null;
    return defined && { kind: 'assembly-macro', slots, defined };
  },
  ({ model, path, start }) => {
    const access = egprAccessAt(model, path, start);
    return access && { kind: 'egpr-access', ...access };
  },
  ({ model, name }) => {
    const register = egprNumbered(model, name);
    return register && { kind: 'egpr-number', register };
  },
  indexedMeaning,
  instantiationMeaning,
  placeMeaning,
  entryMeaning,
  ({ model, path, name }) => {
    const fn = exitingAt(model, path, name);
    return fn && { kind: 'exit-label', fn };
  },
  ({ model, path, start }) => {
    const steps = registerStepsAt(model, path, start);
    return steps && { kind: 'register-steps', steps };
  },
  (word) => (isOperationCall(word) ? operationMeaning(word) : functionMeaning(word)),
  ({ model, path, start, name }) => {
    const words = fieldDescription(model, name) ?? givenFieldWords(model, path, start, name);
    return words === null ? null : { kind: 'field', words };
  },
  numberMeaning,
  ({ model, path, start, name }) => {
    const field = traceFieldAt(model, path, start, name);
    return field && { kind: 'trace-field', field };
  },
  ({ model, path, start, name }) => {
    const variable = variableAt(model, path, start, name);
    return variable && { kind: 'variable', variable };
  },
  ({ model, path, start, name }) => {
    const named =
      structPlaceAt(model, path, start, name) ?? fieldPlaceNamed(model, name) ?? macroPlaceAt(model, path, start, name);
    return named && { kind: 'named-place', named };
  },
  operationMeaning,
  ({ model, path, start, name }) => {
    const state = xsaveStateAt(model, path, { start, end: start + name.length });
    // What the FPU core does for the host's tasks alone is no guest's; a component is the same thing everywhere.
    if (!state || (state.component?.name !== state.state && isHostOnly(model, path, start))) return null;
    return { kind: 'xsave-state', state, isShared: isSharedWithHost(model, path, start) };
  },
  ({ model, name }) => {
    const transfers = transfersOfIoctl(model, name);
    return transfers.length > 0 ? { kind: 'xsave-ioctl', transfers } : null;
  },
  ({ model, path, start, name }) => {
    const variable = xsaveVariableAt(model, path, start, name);
    return variable && { kind: 'xsave-variable', variable };
  },
  memberMeaning,
  ({ model, path, name }) => {
    const widths = functionVisibleIn(model, name, path) ? decoderWidths(model, name) : [];
    return widths.length > 0 ? { kind: 'decoder', widths } : null;
  },
  ({ model, path, start, name }) => {
    const segment = segmentNumberAt(model, path, start, name);
    return segment && { kind: 'segment-number', segment };
  },
  ({ model, path, start, name }) => {
    const copy = registerCopyAt(model, path, start, name);
    return copy && { kind: 'register-copy', copy };
  },
  ({ model, path, start, name }) => {
    const operand = instructionOperandAt(model, path, start, name);
    return operand && { kind: 'instruction-operand', operand };
  },
  ({ model, path, start, name }) => {
    const field = runFieldAt(model, path, start, name);
    return field && { kind: 'run-field', field };
  },
  ({ model, path, start, name }) => {
    const bit = roleBitAt(model, path, start, name);
    return bit && { kind: 'role-bit', bit };
  },
  ({ model, path, start, name }) => {
    const moves = movesUnder(model, path, start, name);
    const calls = callsUnder(model, name);
    return moves.length + calls.length > 0 ? { kind: 'condition', moves, calls } : null;
  },
];

/** A field of hardware's, of L1's structures, of userspace's, where a statement moves what is in it. */
function placeMeaning({ model, path, start, name }: Word): Meaning | null {
  const [first, ...others] = placeUsesAt(model, path, start, name);
  return first ? { kind: 'place', uses: [first, ...others] } : null;
}

/** An instruction that enters a guest, in a function that does; or the kernel's function for a call of firmware that does. */
function entryMeaning({ model, path, start, name }: Word): Meaning | null {
  const backends = backendsEnteredBy(model, name);
  if (backends.some(({ definition }) => definition?.entry.call?.function === name)) return { kind: 'entry', backends };
  const fn = asmFunctionsIn(model, path).findLast(({ asm }) => asm.offset <= start);
  const entered = fn?.asm.entry ? backendEnteredBy(model, fn.asm) : null;
  if (backends.length === 0 || !fn?.asm.entry) return null;
  return { kind: 'entry', backends: entered ? [entered] : backends };
}

/** A local variable of the number by which a register is chosen at run time. */
function numberMeaning({ model, path, start, name }: Word): Meaning | null {
  const reference = referenceByVariable(model, path, start, name);
  return reference && { kind: 'reference', reference };
}

/** A member of the cache's struct, or of the emulator's context, that holds registers or tells of their state. */
function memberMeaning({ model, path, start, name }: Word): Meaning | null {
  const member = cacheMemberAt(model, path, { start, end: start + name.length });
  return member && { kind: 'member', member };
}

/** An argument of a macro's use that makes accessors, which names no member of the enum: `rax` of `BUILD_KVM_GPR_ACCESSORS(rax, RAX)`. */
function instantiationMeaning({ model, path, start }: Word): Meaning | null {
  const text = sourceOf(model, path)?.text ?? '';
  const reference = referencesIn(model, path).find(
    ({ kind, start: use }) =>
      kind === 'define' && use < start && start - use < LONGEST_USE && /^\w+\([^()]*$/.test(text.slice(use, start)),
  );
  return reference ? { kind: 'reference', reference } : null;
}

/** Characters of such a use. */
const LONGEST_USE = 80;

/** A call of a function that takes a register's number, or clears them all, by what it is given; else such a function. */
function indexedMeaning({ model, path, start, name }: Word): Meaning | null {
  const indexed = indexedFunctionNamed(model, name);
  // memset() of the array counts as a call that is given a register's number.
  const given = indexed || name === 'memset' ? referenceGivenTo(model, path, start) : null;
  if (given) return { kind: 'reference', reference: given };
  return indexed && { kind: 'indexed-function', indexed };
}

function operationMeaning({ model, path, start, name }: Word): Meaning | null {
  const chains = operationChains(model, name, operationTableAt(model, path, start, name));
  return chains.length > 0 ? { kind: 'operation', operation: operationName(name), chains } : null;
}

/** Whether a word is called by way of a table of operations, `kvm_x86_call(set_efer)`, so that no function of its name is meant. */
function isOperationCall({ model, path, start, name }: Word): boolean {
  return operationTableAt(model, path, start, name) !== null;
}

function functionMeaning({ model, path, start, name }: Word): Meaning | null {
  const node = functionVisibleIn(model, name, path);
  if (!node) return null;
  const { asm, c, file } = node;
  const fn = asm && !c ? { file, asm } : null;
  if (fn && isWorldSwitch(model, fn)) return { kind: 'world-switch', fn };
  if (crossingsOf(model, node).length > 0 || (c?.clears.length ?? 0) > 0) return { kind: 'function', node };
  const assignments = assignmentsThrough(model, node);
  if (assignments.length > 0 && !isHostOnly(model, path, start)) return { kind: 'xsave-function', node, assignments };
  const wrapper = wrapperNamed(model, name);
  if (wrapper) return { kind: 'wrapper', wrapper };
  return usesRegisters(model, node) ? { kind: 'function', node } : null;
}

/** Whether a function reads, writes or marks registers, changes the bitmaps of all, or calls an operation that moves some. */
function usesRegisters(model: RegisterModel, node: GraphNode): boolean {
  const { references, bitmaps, operations } = functionUse(model, node);
  if (references.length > 0 || bitmaps || isOnEntryPath(model, node)) return true;
  if (areaCopies(model, node).length > 0 || (isInC(node) && registersHandedOn(model, node).length > 0)) return true;
  if (copiesEmptiedBy(model, node).length > 0 || hostFieldsWritten(model, node).length > 0) return true;
  if (handedOn(model, node) || workersOf(model, node).length > 0 || unlistedUses(model, node).length > 0) return true;
  return [...operations].some((call) => chainsCalled(model, node, call).length > 0);
}

/** The registers whose owners and references a definition leads to: of its references, or of what a macro's use moves. */
export function registersOf(model: RegisterModel, definition: Definition): readonly Register[] {
  const named = definition.references.filter(({ register }) => register !== null);
  const own = named.filter(({ isIndirect }) => !isIndirect);
  const members = new Set((own.length > 0 ? own : named).map(({ register }) => register));
  if (members.size > 0)
    return inModelOrder(
      model,
      [...members].flatMap((member) => registerOf(model, member) ?? []),
    );
  const use = definition.kind === 'assembly' ? definition.moves.macro : null;
  if (use?.start !== definition.token.start) return [];
  const slots = slotsAt(model, definition.token.file, use.start);
  return inModelOrder(
    model,
    slots.flatMap(({ member }) => registerOf(model, member.name) ?? []),
  );
}

function inModelOrder({ registers }: RegisterModel, some: readonly Register[]): readonly Register[] {
  const wanted = new Set(some);
  return registers.filter((register) => wanted.has(register));
}

/** The XSAVE state that a definition is; null for any other. */
export function stateOf(definition: Definition): XsaveSubject | null {
  return definition.kind === 'xsave-state' ? definition.state : null;
}

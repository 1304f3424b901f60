import type { Reference } from '../../facts/registers/reference.js';
import type { Span } from '../../syntax/text/sourceText.js';
import type { RegisterModel } from '../registerModel.js';
import {
  asmFunctionsIn,
  asmMovesAt,
  backendEnteredBy,
  exitingAt,
  isWorldSwitch,
  slotAddressedBy,
  slotsFrom,
  slotsOfMacro,
  type AsmMoves,
} from './assembly.js';
import { backendsEnteredBy, fieldDescription } from './backends.js';
import { bitMaskAt } from './bitMasks.js';
import { cacheMemberAt } from './cacheMembers.js';
import { decoderWidths } from './numberWidths.js';
import { callsUnder } from './conditionedCalls.js';
import { conditionsCopiedAt } from './conditionCopies.js';
import { movesUnder } from './conditionWords.js';
import { egprAccessAt, egprNumbered } from './egprs.js';
import { functionVisibleIn } from './functions.js';
import { hardwareAccessAt } from './hardwareFunctions.js';
import { isHostOnly, isSharedWithHost } from './hostCode.js';
import { instructionOperandAt } from './instructionOperands.js';
import { localArrayAt } from './localArrays.js';
import { givenFieldWords, placeUsesAt } from './placeUses.js';
import { referenceByVariable, referencesAt, referencesIn } from './references.js';
import { registerCopyAt } from './registerCopies.js';
import { memberOfNumberMacro } from './registers.js';
import { registerStepsAt } from './registerSteps.js';
import { roleBitAt } from './roleBits.js';
import { runFieldAt } from './runFields.js';
import { segmentNumberAt } from './segmentNumbers.js';
import { segmentPartAt } from './segmentParts.js';
import { fieldPlaceNamed, macroPlaceAt, structPlaceAt } from './structPlaces.js';
import { setNamed } from './sets.js';
import { copyVariableAt } from './copyVariables.js';
import { maskCopyAt } from './maskCopies.js';
import { supportedMaskAt } from './supportedMasks.js';
import { asmMacroDefinition } from './symbolDefinitions.js';
import { macroNamed, wrapperNamed } from './cSymbols.js';
import { sourceOf, wordAt, type FileSpan } from './text.js';
import { traceFieldAt } from './traceFields.js';
import { unlistedKeptAt } from './unlistedKept.js';
import { variableAt } from './variables.js';
import { transfersOfIoctl } from './xsaveAssignments.js';
import { xsaveStateAt } from './xsaveStates.js';
import { xsaveVariableAt } from './xsaveVariables.js';
import { functionMeaning, indexedMeaning, isOperationCall, operationMeaning } from './functionMeanings.js';
import { registerHandedAt } from './handedRegisters.js';
import type { Meaning, Word } from './meaning.js';

/** What a token of a file means, with the token. */
export type Definition = Meaning & {
  readonly token: FileSpan;
  /** The token's text. */
  readonly name: string;
  /** The references whose token it is. */
  readonly references: readonly Reference[];
};

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
    const words = describedAt(model, path, start, name) ?? givenFieldWords(model, path, start, name);
    return words === null ? null : { kind: 'field', words };
  },
  ({ model, path, start, name }) => {
    const access = hardwareAccessAt(sourceOf(model, path)?.text ?? '', start, name);
    return access && { kind: 'hardware-access', access };
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
    const array = localArrayAt(model, path, start, name);
    return array && { kind: 'local-array', array };
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
    const supported = supportedMaskAt(model, path, start, name);
    return supported && { kind: 'supported-mask', supported };
  },
  ({ model, path, start, name }) => {
    const variable = xsaveVariableAt(model, path, start, name);
    return variable && { kind: 'xsave-variable', variable };
  },
  ({ model, path, start, name }) => {
    const copy = maskCopyAt(model, path, start, name);
    return copy && { kind: 'mask-copy', copy };
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
    const variable = copyVariableAt(model, path, start, name);
    return variable && { kind: 'copy-variable', variable };
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
    const part = segmentPartAt(model, path, start, name);
    return part && { kind: 'segment-part', part };
  },
  ({ model, path, start, name }) => {
    const moves = movesUnder(model, path, start, name);
    const calls = callsUnder(model, path, name);
    return moves.length + calls.length > 0 ? { kind: 'condition', moves, calls } : null;
  },
  ({ model, path, start, name }) => {
    const copies = conditionsCopiedAt(model, path, start, name);
    return copies.length > 0 ? { kind: 'condition-copy', copies } : null;
  },
  ({ model, path, start, name }) => {
    const handed = registerHandedAt(model, path, start, name);
    return handed && { kind: 'handed-register', handed };
  },
  ({ model, path, start, name }) => {
    const kept = unlistedKeptAt(model, path, start, name);
    const words = `a value of the guest's ${kept ?? ''} that KVM keeps aside; the register enum does not list it`;
    return kept === null ? null : { kind: 'field', words };
  },
  ({ model, path, start, name }) => {
    const mask = bitMaskAt(model, path, start, name);
    return mask && { kind: 'bit-mask', mask };
  },
];

/** What is said of a field that is no register's place, by its name, or with the structure that it is a member of: `control.nested_cr3`. */
function describedAt(model: RegisterModel, path: string, start: number, name: string): string | null {
  const before = sourceOf(model, path)?.text.slice(Math.max(0, start - LONGEST_OWNER), start) ?? '';
  const owner = /(?<!\w)(\w+)(?:\.|->)$/.exec(before)?.[1];
  return (owner === undefined ? null : fieldDescription(model, `${owner}.${name}`)) ?? fieldDescription(model, name);
}

/** Characters of a structure's name. */
const LONGEST_OWNER = 40;

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

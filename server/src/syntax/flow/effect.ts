import { addForms, constantForm, type LinearForm } from '../assembler/expression.js';
import type { AsmInstruction } from '../assembler/instruction.js';
import type { AsmOperand, AsmRegister } from '../assembler/operand.js';
import { allowsRegister } from '../x86/constraints.js';
import { instructionEffect, VECTOR_MOVES } from '../x86/mnemonics.js';
import { volatileRegisters } from '../x86/registers.js';
import { isControlMacro } from './control.js';
import type { Doubt, Site } from './doubt.js';
import {
  leaveToCallee,
  pop,
  push,
  readWord,
  setRegister,
  setStackWord,
  stackWord,
  valuesIn,
  writeWord,
  type MachineState,
} from './machineState.js';
import {
  added,
  constant,
  mayMatter,
  numberOf,
  placeAt,
  union,
  unknownFor,
  type Origin,
  type OriginSet,
  type Place,
} from './origin.js';

export type MemoryOperand = AsmOperand & { readonly kind: 'memory' };

/** A word of memory outside of the stack that an instruction reads or writes. */
interface Access {
  /** `load`: it is read. */
  readonly direction: 'load' | 'store';
  readonly place: Place;
  /** The operand; null where the instruction does not name it (`movs`). */
  readonly memory: MemoryOperand | null;
  /** The register operand on the other side; null for the stack, a constant, and other memory. */
  readonly register: AsmRegister | null;
  /** What may be written. */
  readonly values: OriginSet;
}

/** One instruction, and the state that it changes. */
export interface Step extends Site {
  readonly instruction: AsmInstruction;
  readonly state: MachineState;
  /** In bytes. */
  readonly wordSize: 4 | 8;
  readonly found: Findings;
}

/** What instructions are found to do besides what they leave in the state. */
export interface Findings {
  readonly accesses: AccessOnWay[];
  /** What is not understood and stands in no value. */
  readonly doubts: DoubtOnWay[];
}

/** An access on one way through the code. */
export interface AccessOnWay extends Access {
  readonly instruction: AsmInstruction;
  readonly node: number;
  readonly isAfterEntry: boolean;
}

/** A doubt on one way through the code. */
export interface DoubtOnWay {
  readonly doubt: Doubt;
  readonly isAfterEntry: boolean;
}

function addAccess({ found, instruction, node, state: { isAfterEntry } }: Step, access: Access): void {
  found.accesses.push({ ...access, instruction, node, isAfterEntry });
}

function addDoubt({ found, doubt, state: { isAfterEntry } }: Step, kind: Doubt['kind']): void {
  found.doubts.push({ doubt: { ...doubt, kind }, isAfterEntry });
}

/** Changes the state as an instruction does that goes on behind itself (Intel SDM volume 2). What is not read changes nothing. */
export function applyEffect(step: Step): void {
  const { mnemonic, unread } = step.instruction;
  if (unread) return;
  const known = instructionEffect(mnemonic);
  const effect = isStringInstruction(step.instruction) ? copyWords : EFFECTS.get(known?.name ?? mnemonic);
  if (effect && !hasNewDestination(known?.name ?? '', step.instruction)) effect(step);
  else if (known?.copies) move(step);
  else applyUsualEffect(step);
}

/** Whether arithmetic writes its result to an operand of its own, which only APX has (Intel APX specification, 3.1.3.1). */
function hasNewDestination(name: string, { operands }: AsmInstruction): boolean {
  if (/^(?:add|sub|xor)$/.test(name)) return operands.length > 2;
  return /^(?:inc|dec|not|neg)$/.test(name) && operands.length > 1;
}

/** `movsq`, `stosq` and the like without operands: with some, `movsl` and `movsb` are moves that extend the sign. */
function isStringInstruction({ mnemonic, operands }: AsmInstruction): boolean {
  return /^(?:movs|stos|lods)[bwlq]$/.test(mnemonic) && operands.length === 0;
}

const EFFECTS: ReadonlyMap<string, (step: Step) => void> = new Map<string, (step: Step) => void>([
  ['lea', loadAddress],
  ...['push', 'pushp', 'push2', 'push2p'].map((name) => [name, pushOperands] as const),
  ...['pop', 'popp', 'pop2', 'pop2p'].map((name) => [name, popOperands] as const),
  ['pushf', pushFlags],
  ['popf', popFlags],
  ['leave', leaveFrame],
  ['xchg', exchange],
  [
    'add',
    (step) => {
      addOperand(step, 1);
    },
  ],
  [
    'sub',
    (step) => {
      addOperand(step, -1);
    },
  ],
  [
    'inc',
    (step) => {
      addNumber(step, 1);
    },
  ],
  [
    'dec',
    (step) => {
      addNumber(step, -1);
    },
  ],
  ['xor', exclusiveOr],
  ['cmp', compare],
  ['test', testBits],
  ['bswap', undoable],
  ['not', undoable],
  ['neg', undoable],
  ['call', call],
  ['CALL_NOSPEC', call],
  ...VECTOR_MOVES.map((name) => [name, movePair] as const),
  // asm/frame.h, for trees that lack it.
  ['FRAME_BEGIN', beginFrame],
  ['FRAME_END', endFrame],
]);

/**
 * Macros of linux/objtool.h, asm/unwind_hints.h, asm/ibt.h and asm/inst.h that make no instruction, or one that does nothing:
 * annotations, and the number of a register that is named.
 */
const ANNOTATION = /^(?:(?:REG|R32|R64)_NUM$|ANNOTATE_|UNWIND_HINT|STACK_FRAME_NON_STANDARD|ENDBR|REACHABLE|VALIDATE_)/;

/** Whether what a macro of the kernel's does is known without its definition. */
export function isKnownMacro(name: string): boolean {
  return ANNOTATION.test(name) || EFFECTS.has(name) || isControlMacro(name);
}

/** What an instruction does that has no function of its own here: by the table of mnemonics, and without an entry there by the operands. */
function applyUsualEffect(step: Step): void {
  const { instruction, state, doubt } = step;
  const effect = instructionEffect(instruction.mnemonic);
  if (!effect) {
    if (!ANNOTATION.test(instruction.mnemonic)) applyUnknown(step);
    return;
  }
  const sources = instruction.operands.map((operand) => (isPlace(operand) ? peek(operand, step) : []));
  for (const gpr of effect.implicit) setRegister(state, gpr, computed(step, sources), step.node);
  const written = effect.writes === 'all' ? instruction.operands : instruction.operands.slice(-1);
  if (effect.writes !== 'none') doubtVectorStore(step);
  const isConditional = instruction.mnemonic.startsWith('cmov');
  if (effect.writes !== 'none') {
    const values = isConditional ? sources.reduce((all, more) => union(all, more, doubt), []) : computed(step, sources);
    for (const operand of written) write(operand, values, step);
  }
  if (!effect.keepsFlags) state.zero = null;
}

/**
 * An operation that is not known: each operand may hold what it held, or something else. One without operands is a doubt about all,
 * and so is one with capitals: by the kernel's style it is a macro that the tree does not define, which may do more than it names.
 */
function applyUnknown(step: Step): void {
  const { instruction, doubt, state } = step;
  const named = instruction.operands.filter(isPlace);
  if (named.length === 0 || /[A-Z]/.test(instruction.mnemonic)) addDoubt(step, 'instruction');
  doubtVectorStore(step);
  for (const operand of named) write(operand, union(peek(operand, step), [unknownFor(doubt)], doubt), step);
  state.zero = null;
}

/** What stores a vector register may write more words than the one that the operand names. */
function doubtVectorStore(step: Step): void {
  const { operands } = step.instruction;
  const hasVector = operands.some((operand) => operand.kind === 'register' && /^[xyz]mm/.test(operand.name));
  if (hasVector && operands.at(-1)?.kind === 'memory') addDoubt(step, 'memory');
}

function isPlace({ kind }: AsmOperand): boolean {
  return kind === 'register' || kind === 'memory';
}

/** What an instruction computes of values: something else than a guest's value, or, where it gets one of those, one cannot say. */
function computed({ instruction, doubt }: Step, sources: readonly OriginSet[]): OriginSet {
  if (sources.flat().some(mayMatter) && !losesBits(instruction)) return [unknownFor(doubt)];
  return [{ kind: 'computed', by: instruction.mnemonic, operand: null }];
}

/** A shift by a number: what is shifted out cannot come back. */
function losesBits({ mnemonic, operands: [count] }: AsmInstruction): boolean {
  const isByNumber = count?.kind === 'immediate' && count.expression.value?.symbols.size === 0;
  return SHIFT.test(mnemonic) && isByNumber && count.expression.value.constant !== 0;
}

const SHIFT = /^(?:sh[lr]|sa[lr])[bwlq]?$/;

// Registers, memory and immediates

/** The name by which the state has a register; a compiler's choice is told by its placeholder. */
function registerName({ gpr, name, inline }: AsmRegister): string {
  return gpr ?? (inline ? `%${inline.expression}` : name);
}

function readRegister(register: AsmRegister, { state, doubt }: Step): OriginSet {
  const name = registerName(register);
  const known = state.registers.get(name);
  if (known || name === 'RSP' || !register.inline) return known ?? valuesIn(state, name, doubt);
  return [{ kind: 'operand', expression: register.inline.expression }];
}

/** What an operand may hold. Reading memory outside of the stack is an access. */
function read(operand: AsmOperand | undefined, step: Step): OriginSet {
  return readFor(operand, step, null);
}

/** As `read`, without an access. */
function peek(operand: AsmOperand | undefined, step: Step): OriginSet {
  return readFor(operand, step, 'unseen');
}

/** `by`: the register on the other side; `unseen` where the access is none that counts. */
function readFor(operand: AsmOperand | undefined, step: Step, by: AsmRegister | null | 'unseen'): OriginSet {
  const { doubt, state } = step;
  switch (operand?.kind) {
    case 'register':
      return readRegister(operand, step);
    case 'immediate':
      return operand.expression.value ? [{ kind: 'constant', value: operand.expression.value }] : [unknownFor(doubt)];
    case 'memory':
      return valuesAtPlaces(placesOf(operand, step), step, { operand, by });
    // A variable without a segment and without RIP.
    case 'symbol':
      return readWord(state, variable(operand.expression.value, null), step);
    default:
      return [unknownFor(doubt)];
  }
}

/** How words of memory are read: see {@link readFor}. */
interface Reading {
  readonly operand: MemoryOperand;
  readonly by: AsmRegister | null | 'unseen';
}

/** What one of some words of memory may hold. */
function valuesAtPlaces(places: readonly Place[], step: Step, { operand, by }: Reading): OriginSet {
  const { state, doubt } = step;
  return places.reduce<OriginSet>((values, place) => {
    if (isOnStack(place)) return union(values, readStack(place, step), doubt);
    if (by !== 'unseen') addAccess(step, { direction: 'load', place, memory: operand, register: by, values: [] });
    return union(values, readWord(state, place, step), doubt);
  }, []);
}

/** Writes an operand: a register, or a word of memory. */
function write(operand: AsmOperand | undefined, values: OriginSet, step: Step, from: AsmRegister | null = null): void {
  if (operand?.kind === 'register') {
    setRegister(step.state, registerName(operand), wholeRegister(operand, values, step), step.node);
    step.state.registers.delete(upperHalf(operand.name));
  } else if (operand?.kind === 'memory') {
    const places = placesOf(operand, step);
    for (const place of places) writePlace(place, { operand, values, from, isOnly: places.length === 1 }, step);
  } else if (operand?.kind === 'symbol') {
    writeWord(step.state, { ...variable(operand.expression.value, null), values }, step, true);
  }
}

/** What a register holds behind the write of a part: in 64-bit mode a write of 32 bits clears the rest (SDM volume 1, 3.4.1.1). */
function wholeRegister(register: AsmRegister, values: OriginSet, step: Step): OriginSet {
  const { width } = register;
  if (width === null || width === step.wordSize * 8) return values;
  const isLoad = values.every(({ kind }) => kind === 'loaded' || kind === 'unknown');
  if (width === 32 && isLoad) return values;
  if (width === 32 && values.every((origin) => numberOf(origin) !== null)) return values;
  return [{ kind: 'computed', by: step.instruction.mnemonic, operand: null }];
}

interface Write {
  readonly operand: MemoryOperand | null;
  readonly values: OriginSet;
  readonly from: AsmRegister | null;
  /** The operand has no other place. */
  readonly isOnly: boolean;
}

function writePlace(place: Place, { operand, values, from, isOnly }: Write, step: Step): void {
  const { state } = step;
  if (isOnStack(place)) {
    writeStack(place, values, isOnly, step);
    return;
  }
  addAccess(step, { direction: 'store', place, memory: operand, register: from, values });
  writeWord(state, { ...place, values }, step, isOnly && place.displacement !== null && place.base.kind !== 'unknown');
}

function variable(displacement: LinearForm | null, segment: string | null): Place {
  return { base: { kind: 'variables', segment }, displacement };
}

/** The places that a memory operand may mean. */
function placesOf(memory: MemoryOperand, step: Step): Place[] {
  const { base, index, segment } = memory;
  const displacement = memory.displacement ? memory.displacement.value : constantForm(0);
  if (base?.inline && !allowsRegister(base.inline.constraint))
    return [{ base: { kind: 'operand', expression: `&${base.inline.expression}` }, displacement }];
  if (!base || base.name === 'rip' || segment !== null)
    return [variable(index || (base && base.name !== 'rip') ? null : displacement, segment)];
  const offset = displacement && indexed(displacement, memory, step);
  return readRegister(base, step).map((address) => placeAt(address, offset));
}

/** A displacement with the index in it, where that is one number; null where it is not known. */
function indexed(displacement: LinearForm, { index, scale }: MemoryOperand, step: Step): LinearForm | null {
  if (!index) return displacement;
  const [only, another] = readRegister(index, step);
  const number = only && !another ? numberOf(only) : null;
  return number === null ? null : { ...displacement, constant: displacement.constant + number * scale };
}

/** Whether a place is a word of the stack, or one that only its index tells. */
function isOnStack({ base }: Place): boolean {
  return base.kind === 'stack';
}

function stackOffset({ base, displacement }: Place): { readonly frame: number; readonly offset: number } | null {
  if (base.kind !== 'stack' || displacement?.symbols.size !== 0) return null;
  return { frame: base.frame, offset: base.offset + displacement.constant };
}

function readStack(place: Place, { state, doubt }: Step): OriginSet {
  const at = stackOffset(place);
  return at ? stackWord(state, at.frame, at.offset, doubt) : [unknownFor({ ...doubt, kind: 'memory' })];
}

function writeStack(place: Place, values: OriginSet, isOnly: boolean, step: Step): void {
  const { state, doubt } = step;
  const at = stackOffset(place);
  if (!at) {
    addDoubt(step, 'memory');
    return;
  }
  const before = isOnly ? [] : stackWord(state, at.frame, at.offset, doubt);
  setStackWord(state, { ...at, values: union(values, before, doubt) });
}

// The instructions

function registerOf(operand: AsmOperand | undefined): AsmRegister | null {
  return operand?.kind === 'register' ? operand : null;
}

function move(step: Step): void {
  const [from, to] = step.instruction.operands;
  const values = readFor(from, step, registerOf(to));
  const isPart = from?.kind === 'register' && to?.kind === 'register' && isPartOf(from, step);
  write(to, isPart ? part(values, step) : values, step, registerOf(from));
}

/** In bytes, of a word that an XMM register holds two of. */
const HALF = 8;

/** A move of 16 bytes to, from or between XMM registers, as two words. */
function movePair(step: Step): void {
  const [from, to, ...more] = step.instruction.operands;
  const isPair = (operand: AsmOperand | undefined) => operand?.kind === 'memory' || isXmm(operand);
  if (!isPair(from) || !isPair(to) || more.length > 0) {
    applyUsualEffect(step);
    return;
  }
  const [low, high] = [readHalf(from, 0, step), readHalf(from, HALF, step)];
  writeHalf(to, 0, low, step);
  writeHalf(to, HALF, high, step);
}

function isXmm(operand: AsmOperand | undefined): operand is AsmRegister & { readonly kind: 'register' } {
  return operand?.kind === 'register' && operand.name.startsWith('xmm');
}

/** The name by which the state has the upper half of an XMM register. */
function upperHalf(register: string): string {
  return `${register} upper half`;
}

function readHalf(operand: AsmOperand | undefined, offset: number, step: Step): OriginSet {
  const { state, doubt } = step;
  if (isXmm(operand)) return valuesIn(state, offset === 0 ? operand.name : upperHalf(operand.name), doubt);
  if (operand?.kind !== 'memory') return [unknownFor(doubt)];
  return valuesAtPlaces(
    placesOf(operand, step).map((place) => movedBy(place, offset)),
    step,
    { operand, by: null },
  );
}

function writeHalf(operand: AsmOperand | undefined, offset: number, values: OriginSet, step: Step): void {
  if (isXmm(operand)) {
    setRegister(step.state, offset === 0 ? operand.name : upperHalf(operand.name), values, step.node);
  } else if (operand?.kind === 'memory') {
    const places = placesOf(operand, step).map((place) => movedBy(place, offset));
    for (const place of places)
      writePlace(place, { operand, values, from: vectorRegister(step), isOnly: places.length === 1 }, step);
  }
}

/** The vector register on the other side of a memory operand. */
function vectorRegister({ instruction }: Step): AsmRegister | null {
  return instruction.operands.find(isXmm) ?? null;
}

function movedBy({ base, displacement }: Place, offset: number): Place {
  return { base, displacement: displacement && addForms(displacement, constantForm(offset)) };
}

function isPartOf({ width }: AsmRegister, { wordSize }: Step): boolean {
  return width !== null && width !== wordSize * 8;
}

function part(values: OriginSet, { instruction }: Step): OriginSet {
  const isNumber = values.every((origin) => numberOf(origin) !== null);
  return isNumber ? values : [{ kind: 'computed', by: instruction.mnemonic, operand: null }];
}

function loadAddress(step: Step): void {
  const [from, to] = step.instruction.operands;
  if (from?.kind !== 'memory') {
    write(to, [unknownFor(step.doubt)], step);
    return;
  }
  const addresses = placesOf(from, step).map(({ base, displacement }) =>
    displacement === null && mayMatter(base) ? unknownFor(step.doubt) : added(base, displacement, 'lea'),
  );
  write(to, addresses, step);
}

/** Of two operands, the one that Intel's syntax has first is pushed first (Intel APX specification, PUSH2): in AT&T order, the last. */
function pushOperands(step: Step): void {
  for (const operand of step.instruction.operands.toReversed()) {
    const values = read(operand, step);
    if (step.state.pointer) pushToStructure(step.state.pointer, { operand, values }, step);
    else push(step.state, values, step.wordSize);
  }
}

function pushToStructure(
  pointer: OriginSet,
  { operand, values }: { readonly operand: AsmOperand; readonly values: OriginSet },
  step: Step,
): void {
  const addresses = pointer.map((address) => added(address, constantForm(-step.wordSize), step.instruction.mnemonic));
  setRegister(step.state, 'RSP', addresses, step.node);
  for (const address of addresses) {
    const place = placeAt(address, constantForm(0));
    writePlace(place, { operand: null, values, from: registerOf(operand), isOnly: addresses.length === 1 }, step);
  }
}

/** `pop slot(%rdi)` stores. A base of RSP counts from behind the popped word (SDM volume 2B, POP). */
function popOperands(step: Step): void {
  const { state, wordSize, doubt } = step;
  for (const operand of step.instruction.operands.toReversed()) {
    const values = state.pointer
      ? popFromStructure(state.pointer, registerOf(operand), step)
      : pop(state, wordSize, doubt);
    write(operand, values, step);
  }
}

function popFromStructure(pointer: OriginSet, register: AsmRegister | null, step: Step): OriginSet {
  const values = pointer.reduce<OriginSet>((all, address) => {
    const place = placeAt(address, constantForm(0));
    addAccess(step, { direction: 'load', place, memory: null, register, values: [] });
    return union(all, readWord(step.state, place, step), step.doubt);
  }, []);
  const above = pointer.map((address) => added(address, constantForm(step.wordSize), step.instruction.mnemonic));
  setRegister(step.state, 'RSP', above, step.node);
  return values;
}

function pushFlags(step: Step): void {
  push(step.state, [{ kind: 'computed', by: step.instruction.mnemonic, operand: null }], step.wordSize);
}

function popFlags(step: Step): void {
  pop(step.state, step.wordSize, step.doubt);
  step.state.zero = null;
}

function leaveFrame(step: Step): void {
  setRegister(step.state, 'RSP', valuesIn(step.state, 'RBP', step.doubt), step.node);
  endFrame(step);
}

function beginFrame(step: Step): void {
  push(step.state, valuesIn(step.state, 'RBP', step.doubt), step.wordSize);
  setRegister(step.state, 'RBP', valuesIn(step.state, 'RSP', step.doubt), step.node);
}

function endFrame(step: Step): void {
  setRegister(step.state, 'RBP', pop(step.state, step.wordSize, step.doubt), step.node);
}

function exchange(step: Step): void {
  const [first, second] = step.instruction.operands;
  const left = readFor(first, step, registerOf(second));
  const right = readFor(second, step, registerOf(first));
  write(first, right, step, registerOf(second));
  write(second, left, step, registerOf(first));
}

/** What an operand may be as a number, where it can be one only. */
function onlyNumber(values: OriginSet): number | null {
  const [only, another] = values;
  return only && another === undefined ? numberOf(only) : null;
}

function addOperand(step: Step, factor: 1 | -1): void {
  const [from, to] = step.instruction.operands;
  const amounts = peek(from, step);
  const [only, another] = amounts;
  if (factor < 0 && isSameRegister(from, to)) {
    setResult(to, [constant(0)], step);
    return;
  }
  const amount = only?.kind === 'constant' && another === undefined ? scaled(only.value, factor) : null;
  const values = peek(to, step);
  const isDoubtful = amount === null && [...values, ...amounts].some(mayMatter);
  setResult(to, isDoubtful ? [unknownFor(step.doubt)] : addedTo(values, amount, step), step);
}

function addNumber(step: Step, number: number): void {
  const [operand] = step.instruction.operands;
  setResult(operand, addedTo(peek(operand, step), constantForm(number), step), step);
}

function addedTo(values: OriginSet, amount: LinearForm | null, { instruction }: Step): OriginSet {
  return values.map((origin) => added(origin, amount, instruction.mnemonic));
}

function scaled({ symbols, constant: number }: LinearForm, factor: number): LinearForm {
  return {
    symbols: new Map(Array.from(symbols, ([name, count]) => [name, factor * count])),
    constant: factor * number,
  };
}

/** Writes what an arithmetic instruction computed, and sets ZF by it. */
function setResult(to: AsmOperand | undefined, values: OriginSet, step: Step): void {
  write(to, values, step);
  const number = onlyNumber(values);
  step.state.zero = number === null ? null : number === 0;
}

function exclusiveOr(step: Step): void {
  const [from, to] = step.instruction.operands;
  if (isSameRegister(from, to)) setResult(to, [constant(0)], step);
  else applyUsualEffect(step);
}

function isSameRegister(left: AsmOperand | undefined, right: AsmOperand | undefined): boolean {
  return left?.kind === 'register' && right?.kind === 'register' && registerName(left) === registerName(right);
}

function compare(step: Step): void {
  const [first, second] = step.instruction.operands;
  const [left, right] = [onlyNumber(peek(first, step)), onlyNumber(peek(second, step))];
  step.state.zero = left === null || right === null ? null : left === right;
}

function testBits(step: Step): void {
  const [left, right] = step.instruction.operands;
  const number = isSameRegister(left, right) ? onlyNumber(peek(left, step)) : null;
  step.state.zero = number === null ? null : number === 0;
}

/** An instruction that done twice does nothing. */
function undoable(step: Step): void {
  const { instruction, state } = step;
  const [operand] = instruction.operands;
  const by = instructionEffect(instruction.mnemonic)?.name ?? instruction.mnemonic;
  const values = peek(operand, step).map((origin): Origin => {
    if (origin.kind === 'unknown') return origin;
    return origin.kind === 'computed' && origin.by === by && origin.operand
      ? origin.operand
      : { kind: 'computed', by, operand: origin };
  });
  write(operand, values, step);
  if (by === 'neg') state.zero = null;
}

/**
 * A call of a function that is not in this code. What is patched in is in assembly and keeps the registers that its caller
 * needs (asm/nospec-branch.h).
 */
function call(step: Step): void {
  const { instruction, state, wordSize, doubt } = step;
  if (instruction.alternative) return;
  const [target] = instruction.operands;
  const callee = target?.kind === 'symbol' ? target.expression.text : '';
  leaveToCallee(state, callee, volatileRegisters(wordSize), doubt);
}

/** Words that one `rep movs` copies at the most. */
const MOST_WORDS = 64;

/** `movs`, `stos` and `lods`, with `rep` as often as RCX says (SDM volume 2B); upwards, as the kernel has DF. */
function copyWords(step: Step): void {
  const { instruction, state, doubt, wordSize, node } = step;
  const { mnemonic, prefixes } = instruction;
  const isRepeated = prefixes.some((prefix) => prefix.startsWith('rep'));
  const size = { b: 1, w: 2, l: 4, q: 8 }[mnemonic.at(-1) ?? ''] ?? wordSize;
  const count = isRepeated ? onlyNumber(valuesIn(state, 'RCX', doubt)) : 1;
  const [isFrom, isTo] = [!mnemonic.startsWith('stos'), !mnemonic.startsWith('lods')];
  if (count === null || count > MOST_WORDS || size !== wordSize) {
    addDoubt(step, 'memory');
  } else {
    for (let i = 0; i < count; i++) {
      const values = isFrom ? readAt('RSI', i * size, step) : valuesIn(state, 'RAX', doubt);
      if (isTo) writeAt('RDI', i * size, values, step);
      else setRegister(state, 'RAX', values, node);
    }
  }
  const moved = count === null ? null : constantForm(count * size);
  if (isFrom) setRegister(state, 'RSI', addedTo(valuesIn(state, 'RSI', doubt), moved, step), node);
  if (isTo) setRegister(state, 'RDI', addedTo(valuesIn(state, 'RDI', doubt), moved, step), node);
  if (isRepeated) setRegister(state, 'RCX', [constant(0)], node);
}

function readAt(register: string, offset: number, step: Step): OriginSet {
  return valuesIn(step.state, register, step.doubt).reduce<OriginSet>((values, address) => {
    const place = placeAt(address, constantForm(offset));
    if (isOnStack(place)) return union(values, readStack(place, step), step.doubt);
    addAccess(step, { direction: 'load', place, memory: null, register: null, values: [] });
    return union(values, readWord(step.state, place, step), step.doubt);
  }, []);
}

function writeAt(register: string, offset: number, values: OriginSet, step: Step): void {
  const addresses = valuesIn(step.state, register, step.doubt);
  for (const address of addresses) {
    const place = placeAt(address, constantForm(offset));
    writePlace(place, { operand: null, values, from: null, isOnly: addresses.length === 1 }, step);
  }
}

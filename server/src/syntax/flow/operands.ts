import { constantForm, type LinearForm } from '../assembler/expression.js';
import type { AsmOperand, AsmRegister } from '../assembler/operand.js';
import { allowsRegister } from '../x86/constraints.js';
import { readWord, setRegister, setStackWord, stackWord, valuesIn, writeWord } from './machineState.js';
import type { Doubt } from './doubt.js';
import { mayMatter, numberOf, placeAt, union, unknownFor, type Origin, type OriginSet, type Place } from './origin.js';
import { type MemoryOperand, type Step, addAccess, addDoubt } from './step.js';

export function isPlace({ kind }: AsmOperand): boolean {
  return kind === 'register' || kind === 'memory';
}

/** The name by which the state has a register; a compiler's choice is told by its placeholder. */
export function registerName({ gpr, name, inline }: AsmRegister): string {
  return gpr ?? (inline ? `%${inline.expression}` : name);
}

function readRegister(register: AsmRegister, { state, doubt }: Step): OriginSet {
  const name = registerName(register);
  const known = state.registers.get(name);
  if (known || name === 'RSP' || !register.inline) return known ?? valuesIn(state, name, doubt);
  return [{ kind: 'operand', expression: register.inline.expression }];
}

/** What an operand may hold. Reading memory outside of the stack is an access. */
export function read(operand: AsmOperand | undefined, step: Step): OriginSet {
  return readFor(operand, step, null);
}

/** As `read`, without an access. */
export function peek(operand: AsmOperand | undefined, step: Step): OriginSet {
  return readFor(operand, step, 'unseen');
}

/** `by`: the register on the other side; `unseen` where the access is none that counts. */
export function readFor(operand: AsmOperand | undefined, step: Step, by: AsmRegister | null | 'unseen'): OriginSet {
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
export function valuesAtPlaces(places: readonly Place[], step: Step, { operand, by }: Reading): OriginSet {
  const { state, doubt } = step;
  return places.reduce<OriginSet>((values, place) => {
    if (isOnStack(place)) return union(values, readStack(place, step), doubt);
    if (by !== 'unseen') addAccess(step, { direction: 'load', place, memory: operand, register: by, values: [] });
    return union(values, readWord(state, place, step), doubt);
  }, []);
}

/** Writes an operand: a register, or a word of memory. */
export function write(
  operand: AsmOperand | undefined,
  values: OriginSet,
  step: Step,
  from: AsmRegister | null = null,
): void {
  if (operand?.kind === 'register') {
    setRegister(step.state, registerName(operand), wholeRegister(operand, values, step), step.node);
    step.state.registers.delete(upperHalf(operand.name));
  } else if (operand?.kind === 'memory') {
    const places = placesOf(operand, step);
    const moved = from && isPartOf(from, step) ? values.map((origin) => storedPart(origin, step)) : values;
    for (const place of places) writePlace(place, { operand, values: moved, from, isOnly: places.length === 1 }, step);
  } else if (operand?.kind === 'symbol') {
    writeWord(step.state, { ...variable(operand.expression.value, null), values }, step, true);
  }
}

/** What a register holds behind the write of a part: in 64-bit mode a write of 32 bits clears the rest (SDM volume 1, 3.4.1.1). */
function wholeRegister(register: AsmRegister, values: OriginSet, step: Step): OriginSet {
  return isPartOf(register, step) ? values.map((origin) => partOf(origin, register, step)) : values;
}

/** What is left of a value of which a part of a register is moved: what it was is told of, where it may be the guest's. */
function partOf(origin: Origin, { width }: AsmRegister, { doubt, instruction }: Step): Origin {
  const half: Doubt = { ...doubt, kind: 'width' };
  if (origin.kind === 'unknown') return origin;
  if (width === 32 && origin.kind === 'loaded') return { ...origin, half };
  if (width === 32 && numberOf(origin) !== null) return origin;
  return mayMatter(origin) ? unknownFor(half) : { kind: 'computed', by: instruction.mnemonic, operand: null };
}

/** What a part of a register leaves of a value in a word of memory. */
function storedPart(origin: Origin, { doubt }: Step): Origin {
  return mayMatter(origin) && origin.kind !== 'unknown' ? unknownFor({ ...doubt, kind: 'width' }) : origin;
}

interface Write {
  readonly operand: MemoryOperand | null;
  readonly values: OriginSet;
  readonly from: AsmRegister | null;
  /** The operand has no other place. */
  readonly isOnly: boolean;
}

export function writePlace(place: Place, { operand, values, from, isOnly }: Write, step: Step): void {
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
export function placesOf(memory: MemoryOperand, step: Step): Place[] {
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
export function isOnStack({ base }: Place): boolean {
  return base.kind === 'stack';
}

function stackOffset({ base, displacement }: Place): { readonly frame: number; readonly offset: number } | null {
  if (base.kind !== 'stack' || displacement?.symbols.size !== 0) return null;
  return { frame: base.frame, offset: base.offset + displacement.constant };
}

export function readStack(place: Place, { state, doubt }: Step): OriginSet {
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

export function registerOf(operand: AsmOperand | undefined): AsmRegister | null {
  return operand?.kind === 'register' ? operand : null;
}

export function isXmm(operand: AsmOperand | undefined): operand is AsmRegister & { readonly kind: 'register' } {
  return operand?.kind === 'register' && operand.name.startsWith('xmm');
}

/** The name by which the state has the upper half of an XMM register. */
export function upperHalf(register: string): string {
  return `${register} upper half`;
}

/** The vector register on the other side of a memory operand. */
export function vectorRegister({ instruction }: Step): AsmRegister | null {
  return instruction.operands.find(isXmm) ?? null;
}

function isPartOf({ width }: AsmRegister, { wordSize }: Step): boolean {
  return width !== null && width !== wordSize * 8;
}

/** What an operand may be as a number, where it can be one only. */
export function onlyNumber(values: OriginSet): number | null {
  const [only, another] = values;
  return only && another === undefined ? numberOf(only) : null;
}

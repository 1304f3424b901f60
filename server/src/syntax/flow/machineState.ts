import { argumentRegisters, GPRS, type Gpr } from '../x86/registers.js';
import type { Doubt, Site } from './doubt.js';
import { loadedFrom, placeKey, union, unknownFor, type Origin, type OriginSet, type Place } from './origin.js';

/** The node of a load that no instruction does: what a word holds that this code did not write. */
const NOWHERE = -1;

/** A word that was written. */
export interface Word extends Place {
  readonly values: OriginSet;
}

/** What may be the last write of a word since VM-exit. */
export interface WrittenWord extends Word {
  /** On every way from VM-exit. */
  readonly isOnEveryWay: boolean;
  /** The nodes of the instructions that it is the write of. */
  readonly by: ReadonlySet<number>;
}

/** A word of the stack. */
interface StackWord {
  readonly frame: number;
  /** In bytes from the stack pointer at the frame's beginning. */
  readonly offset: number;
  readonly values: OriginSet;
}

/** The frame that a function begins with. */
export const FIRST_FRAME = -1;

/** What registers and memory may hold at one place in the control-flow graph. A frame begins where the stack's depth was lost. */
export interface MachineState {
  /** GPRs, and other registers that were written, by their names. RSP is told by `pointer`, or by `frame` and `depth`. */
  readonly registers: Map<string, OriginSet>;
  readonly stack: Map<string, StackWord>;
  /** What is known of the words outside of the stack that were written. */
  readonly memory: Map<string, Word>;
  /** The last writes of words outside of the stack since VM-exit. */
  readonly written: Map<string, WrittenWord>;
  /** The frame that the stack pointer points into: the number of the node where it began. */
  frame: number;
  /** The stack pointer: bytes from that at the frame's beginning. */
  depth: number;
  /** What the stack pointer may be where it points into a structure, not into a stack: `lea slots(%rdi), %rsp`. null elsewhere. */
  pointer: OriginSet | null;
  /** VM-entry lies behind. */
  isAfterEntry: boolean;
  /** ZF, where it is known. */
  zero: boolean | null;
}

/** The state at a function's beginning. `wordSize` in bytes. */
export function stateAtBeginning(wordSize: 4 | 8): MachineState {
  const registers = new Map<string, OriginSet>(GPRS.map((gpr) => [gpr, [{ kind: 'host', gpr }]]));
  argumentRegisters(wordSize).forEach((gpr, i) => registers.set(gpr, [{ kind: 'argument', index: i + 1, gpr }]));
  registers.delete('RSP');
  return {
    registers,
    stack: new Map(),
    memory: new Map(),
    written: new Map(),
    frame: FIRST_FRAME,
    depth: 0,
    pointer: null,
    isAfterEntry: false,
    zero: null,
  };
}

export function copyOf(state: MachineState): MachineState {
  return {
    ...state,
    registers: new Map(state.registers),
    stack: new Map(state.stack),
    memory: new Map(state.memory),
    written: new Map(state.written),
  };
}

export function valuesIn(state: MachineState, register: string, doubt: Doubt): OriginSet {
  if (register === 'RSP') return state.pointer ?? [{ kind: 'stack', frame: state.frame, offset: state.depth }];
  return state.registers.get(register) ?? [unknownFor(doubt)];
}

/** Sets a register. `node`: where a frame begins if it is RSP and is set to what is no stack address that is known. */
export function setRegister(state: MachineState, register: string, values: OriginSet, node: number): void {
  if (register !== 'RSP') {
    state.registers.set(register, values);
    return;
  }
  const [address, another] = values;
  state.pointer = values.length > 0 && values.every(isOfStructure) ? values : null;
  if (address?.kind === 'stack' && !another) moveStack(state, address.frame, address.offset);
  else moveStack(state, node, 0);
}

/** Whether an address is one of a structure that the function was given: a stack's is loaded, or a variable's. */
function isOfStructure(origin: Origin): boolean {
  if (origin.kind === 'address') return isOfStructure(origin.base) || origin.base.kind === 'loaded';
  return origin.kind === 'argument' || origin.kind === 'operand';
}

/** Moves the stack pointer; what lies below it in its frame is gone. */
function moveStack(state: MachineState, frame: number, depth: number): void {
  const isLower = frame === state.frame && depth <= state.depth;
  state.frame = frame;
  state.depth = depth;
  if (isLower) return;
  for (const [key, word] of state.stack) if (word.frame === frame && word.offset < depth) state.stack.delete(key);
}

export function push(state: MachineState, values: OriginSet, wordSize: number): void {
  state.depth -= wordSize;
  setStackWord(state, { frame: state.frame, offset: state.depth, values });
}

export function pop(state: MachineState, wordSize: number, doubt: Doubt): OriginSet {
  const values = stackWord(state, state.frame, state.depth, doubt);
  moveStack(state, state.frame, state.depth + wordSize);
  return values;
}

export function setStackWord(state: MachineState, word: StackWord): void {
  state.stack.set(stackKey(word.frame, word.offset), word);
}

function stackKey(frame: number, offset: number): string {
  return `${String(frame)} ${String(offset)}`;
}

/** What a word of the stack may hold: behind a frame whose depth is not known, any word of another frame. */
export function stackWord(state: MachineState, frame: number, offset: number, doubt: Doubt): OriginSet {
  const word = state.stack.get(stackKey(frame, offset));
  if (word) return word.values;
  const unknown: OriginSet = [unknownFor({ ...doubt, kind: 'stack' })];
  if (frame === FIRST_FRAME) return unknown;
  const others = [...state.stack.values()].filter((other) => other.frame !== frame);
  return others.reduce((values, other) => union(values, other.values, doubt), unknown);
}

/** The nodes behind the calls that have not returned, the outermost first, as the stack has them. */
export function returnNodes(state: MachineState): number[] {
  const found: number[] = [];
  for (const { values } of state.stack.values())
    for (const origin of values) if (origin.kind === 'return-address') found.push(origin.node);
  return found;
}

/** What a word outside of the stack may hold: what was written there, and what else may be there. */
export function readWord(state: MachineState, place: Place, site: Site): OriginSet {
  const fresh = [loadedFrom(place, site)];
  const word = place.displacement ? state.memory.get(placeKey(place)) : undefined;
  if (!word) return fresh;
  // Nobody but this code writes its own variables; of a word of a structure both are told.
  return place.base.kind === 'variables' ? word.values : union(word.values, fresh, site.doubt);
}

/** Writes a word outside of the stack. `isCertain`: it is this word that is written. */
export function writeWord(state: MachineState, word: Word, { node, doubt }: Site, isCertain: boolean): void {
  const key = placeKey(word);
  const before = state.memory.get(key);
  if (isCertain) state.memory.set(key, word);
  else if (before) state.memory.set(key, { ...word, values: union(before.values, word.values, doubt) });
  if (!state.isAfterEntry) return;
  const last = state.written.get(key);
  const values = isCertain || !last ? word.values : union(last.values, word.values, doubt);
  const by = new Set(isCertain || !last ? [node] : [...last.by, node]);
  state.written.set(key, { ...word, values, by, isOnEveryWay: isCertain || last?.isOnEveryWay === true });
}

/** Adds what another way brings to a state, both with the same stack. Returns whether that is more than before. */
export function absorb(state: MachineState, other: MachineState, { doubt }: Site): boolean {
  const changes = [
    absorbRegisters(state, other, doubt),
    absorbStack(state, other, doubt),
    absorbMemory(state, other, doubt),
    absorbWritten(state, other, doubt),
    absorbPointer(state, other, doubt),
    state.zero !== null && state.zero !== other.zero,
  ];
  if (state.zero !== other.zero) state.zero = null;
  return changes.includes(true);
}

function absorbRegisters(state: MachineState, other: MachineState, doubt: Doubt): boolean {
  let isMore = false;
  for (const [register, values] of other.registers) {
    const before = state.registers.get(register) ?? [];
    const after = union(before, values, doubt);
    if (after === before) continue;
    state.registers.set(register, after);
    isMore = true;
  }
  return isMore;
}

function absorbPointer(state: MachineState, other: MachineState, doubt: Doubt): boolean {
  const before = state.pointer;
  state.pointer = before && other.pointer && union(before, other.pointer, doubt);
  return state.pointer !== before;
}

/** Merges what another way brings to words, one by one; `merged` gives what was there before where nothing is more. */
function absorbWords<W>(
  into: Map<string, W>,
  from: ReadonlyMap<string, W>,
  merged: (before: W | undefined, more: W | undefined) => W | undefined,
): boolean {
  let isMore = false;
  const merge = (key: string, before: W | undefined, more: W | undefined) => {
    const word = merged(before, more);
    if (!word || word === before) return;
    into.set(key, word);
    isMore = true;
  };
  for (const [key, before] of into) {
    const more = from.get(key);
    if (more !== before) merge(key, before, more);
  }
  for (const [key, more] of from) if (!into.has(key)) merge(key, undefined, more);
  return isMore;
}

function absorbStack(state: MachineState, other: MachineState, doubt: Doubt): boolean {
  const absent: OriginSet = [unknownFor({ ...doubt, kind: 'stack' })];
  return absorbWords(state.stack, other.stack, (before, more) =>
    withValues(before, more, union(before?.values ?? absent, more?.values ?? absent, doubt)),
  );
}

function absorbMemory(state: MachineState, other: MachineState, doubt: Doubt): boolean {
  return absorbWords(state.memory, other.memory, (before, more) => {
    const word = before ?? more;
    const unwritten: OriginSet = word ? [loadedFrom(word, { node: NOWHERE, doubt })] : [];
    return withValues(before, more, union(before?.values ?? unwritten, more?.values ?? unwritten, doubt));
  });
}

function absorbWritten(state: MachineState, other: MachineState, doubt: Doubt): boolean {
  return absorbWords(state.written, other.written, (before, more) => {
    if (!before || !more) return before?.isOnEveryWay === false ? before : onSomeWays(before ?? more);
    const values = union(before.values, more.values, doubt);
    const isMore = values !== before.values || [...more.by].some((node) => !before.by.has(node));
    const isOnEveryWay = before.isOnEveryWay && more.isOnEveryWay;
    if (!isMore && isOnEveryWay === before.isOnEveryWay) return before;
    return { ...before, values, isOnEveryWay, by: new Set([...before.by, ...more.by]) };
  });
}

function onSomeWays(word: WrittenWord | undefined): WrittenWord | undefined {
  return word && { ...word, isOnEveryWay: false };
}

/** A word of either way with other values. */
function withValues<W extends { readonly values: OriginSet }>(
  before: W | undefined,
  more: W | undefined,
  values: OriginSet,
): W | undefined {
  const word = before ?? more;
  return word && (word.values === values ? word : { ...word, values });
}

/** What a call does to registers and memory (psABI 3.2.1): the caller's stack frame is left alone. */
export function leaveToCallee(state: MachineState, callee: string, changed: readonly Gpr[], doubt: Doubt): void {
  for (const gpr of changed) state.registers.set(gpr, [{ kind: gpr === 'RAX' ? 'result' : 'clobbered', callee }]);
  for (const [key, word] of state.memory) {
    const values = union(word.values, [loadedFrom(word, { node: NOWHERE, doubt })], doubt);
    if (values !== word.values) state.memory.set(key, { ...word, values });
  }
  state.zero = null;
}

import { child, type CNode } from '../../syntax/cTree.js';
import type { MacroLookup } from '../../syntax/macroExpansion.js';
import type { OutlineItem } from '../../syntax/outline.js';
import {
  argumentsOf,
  bareExpression,
  calleeName,
  structOf,
  textOf,
  writtenText,
  type Reading,
} from '../expressions.js';
import { guardsOf } from '../guards.js';
import type { SourceOutline } from '../sourceOutline.js';
import { hardwareReadInto, hardwareWrite, msr } from './hardwareAccess.js';
import { stateInstructions } from './instructions.js';
import { ARCH_FIELDS, COPIES, FPU_TYPES, type ControlState, type StateRegister } from './interfaces.js';
import { LOADED_MEMBER, originsOf, underGuards, userBuffer, type GuardedOrigin, type Origin } from './origins.js';

/** A value's way in one function: a register, a component or all of them, from one origin to another. */
export interface StateMove {
  /** null: whatever its places hold; where those are FPU state, all components. */
  readonly state: ControlState | null;
  /** null: a constant, or what is not known. */
  readonly from: Origin | null;
  readonly to: Origin;
  readonly offset: number;
  readonly guards: readonly string[];
  /** The value as written, where it comes from no place. */
  readonly value: string;
}

/** A call that hands on what may be XSAVE state. */
export interface StateCall {
  readonly callee: string;
  readonly offset: number;
  readonly guards: readonly string[];
  /** What each argument may be. */
  readonly arguments: readonly (readonly GuardedOrigin[])[];
  /** The arguments as written. */
  readonly written: readonly string[];
}

/** The registers that XSAVE and FXSAVE save, all together. */
const STATE_REGISTERS: Origin = {
  kind: 'place',
  place: { kind: 'hardware', name: 'XSAVE registers', register: null },
  state: null,
  isHost: false,
};

/** The moves of XSAVE state in a function. Its own instructions count where it is given FPU state to save to or restore from. */
export function stateMoves(
  reading: Reading,
  file: SourceOutline,
  item: OutlineItem,
  asmMacros: ReadonlySet<string>,
): StateMove[] {
  const moves: StateMove[] = [];
  for (const node of reading.tree.nodes) {
    if (reading.tree.isRepeated(node.start)) continue;
    if (node.type === 'assignment_expression') moves.push(...assigned(reading, node));
    else if (node.type === 'call_expression') moves.push(...called(reading, node));
  }
  if (ownState(reading).length === 0) return moves;
  const macros: MacroLookup = (name) => reading.vocabulary.macros.get(name)?.definition;
  return [...moves, ...executed(reading, stateInstructions(file, item, macros, asmMacros))];
}

/** The calls of a function whose arguments are known to be something. */
export function stateCalls(reading: Reading): StateCall[] {
  const calls: StateCall[] = [];
  for (const node of reading.tree.nodes) {
    if (node.type !== 'call_expression' || reading.tree.isRepeated(node.start)) continue;
    const callee = calleeName(reading, node);
    if (!reading.vocabulary.stateFunctions.has(callee)) continue;
    const given = argumentsOf(node).map((argument) => argumentOrigins(reading, argument));
    if (given.every((origins) => origins.length === 0)) continue;
    const written = argumentsOf(node).map((argument) => writtenText(reading, argument));
    calls.push({ callee, offset: node.start, guards: guardsOf(reading.tree.guards, node), arguments: given, written });
  }
  return calls;
}

function argumentOrigins(reading: Reading, argument: CNode): GuardedOrigin[] {
  const known = originsOf(reading, argument);
  const user = known.length === 0 ? userBuffer(reading, argument) : null;
  return user ? [{ origin: user, guards: [] }] : known;
}

function assigned(reading: Reading, node: CNode): StateMove[] {
  const [left, right] = [child(node, 'left'), child(node, 'right')];
  if (!left || !right || child(node, 'operator')?.type !== '=') return [];
  // A pointer to FPU state that is set moves none of it.
  if (FPU_TYPES.has(structOf(reading, left) ?? '')) return [];
  const targets = targetOrigins(reading, left);
  if (targets.length === 0) return [];
  return moved(reading, node, targets, right, null);
}

/** What an assignment writes to: a place, or what a parameter points to. */
function targetOrigins(reading: Reading, left: CNode): GuardedOrigin[] {
  const node = bareExpression(left);
  return node.type === 'identifier' && reading.tree.variables.has(textOf(reading, node))
    ? []
    : originsOf(reading, node).filter(({ origin }) => origin.kind !== 'parameter' || isThrough(node));
}

/** Whether a target is reached through a pointer: the variable itself is the function's own. */
function isThrough(node: CNode): boolean {
  if (node.type === 'pointer_expression') return true;
  return node.type === 'field_expression' && child(node, 'operator')?.type !== '.';
}

function called(reading: Reading, call: CNode): StateMove[] {
  const write = hardwareWrite(reading, call);
  if (write) return moved(reading, call, [hardware(write.register)], write.value, write.register.state);
  const read = hardwareReadInto(reading, call);
  if (read) return readInto(reading, call, read.register, read.target);
  const given = argumentsOf(call);
  const copy = COPIES.get(calleeName(reading, call));
  const [to, from] = copy ? [given[copy.to], given[copy.from]] : [];
  if (to && from) return copied(reading, call, to, from);
  return handedOn(reading, call);
}

function hardware(register: StateRegister): GuardedOrigin {
  const place = { kind: 'hardware' as const, name: register.name, register: null };
  return { origin: { kind: 'place', place, state: register.state, isHost: false }, guards: [] };
}

function readInto(reading: Reading, call: CNode, register: StateRegister, target: CNode): StateMove[] {
  const { origin } = hardware(register);
  return originsOf(reading, target).map((to) => ({
    state: register.state,
    from: origin,
    to: to.origin,
    offset: call.start,
    guards: [...guardsOf(reading.tree.guards, call), ...to.guards],
    value: '',
  }));
}

function copied(reading: Reading, call: CNode, to: CNode, from: CNode): StateMove[] {
  const targets = argumentOrigins(reading, to);
  return targets.length === 0 ? [] : moved(reading, call, targets, from, null);
}

/** KVM's copy of the guest's value of an MSR: what a value out of the GHCB, handed on with the MSR's number, is for. */
function cached(register: StateRegister): GuardedOrigin {
  const [field] = [...ARCH_FIELDS].find(([, f]) => f.state === register.state && f.owner === 'guest') ?? [
    register.name,
  ];
  const place = { kind: 'cache' as const, name: `arch.${field}`, register: null };
  return { origin: { kind: 'place', place, state: register.state, isHost: false }, guards: [] };
}

/**
 * An MSR with the guest's and the host's value, given to a function in a row: it is put into the areas of MSRs that VM-entry
 * and VM-exit load (SDM vol. 3, 26.8.2 and 26.7.2), as VMX did with IA32_XSS before 4.20.
 */
function handedOn(reading: Reading, call: CNode): StateMove[] {
  const given = argumentsOf(call);
  const at = given.findIndex((argument) => msr(reading, argument) !== null);
  const register = msr(reading, given[at]);
  const [guest, host] = [given[at + 1], given[at + 2]];
  if (!register || !guest) return [];
  if (originsOf(reading, guest).some(({ origin }) => origin.kind === 'place' && origin.place.kind === 'ghcb'))
    return moved(reading, call, [cached(register)], guest, register.state);
  if (!host) return [];
  const list = (name: string): GuardedOrigin => ({
    origin: { kind: 'place', place: { kind: 'vmcs', name, register: null }, state: register.state, isHost: false },
    guards: [],
  });
  const isPlace = (value: CNode) => originsOf(reading, value).some(({ origin }) => origin.kind === 'place');
  if (!isPlace(guest) || !isPlace(host)) return [];
  return [
    ...moved(reading, call, [list('VM-entry MSR-load area')], guest, register.state),
    ...moved(reading, call, [list('VM-exit MSR-load area')], host, register.state),
  ];
}

/** The moves from a value's origins to targets, where either is of XSAVE's. */
function moved(
  reading: Reading,
  node: CNode,
  targets: readonly GuardedOrigin[],
  value: CNode,
  state: ControlState | null,
): StateMove[] {
  const own = guardsOf(reading.tree.guards, node);
  const sources = argumentOrigins(reading, value);
  const base = { offset: node.start, value: writtenText(reading, value) };
  return targets.flatMap((to): StateMove[] => {
    if (sources.length === 0) {
      const known = state ?? stateOf(to.origin);
      return known ? [{ ...base, state: known, from: null, to: to.origin, guards: [...own, ...to.guards] }] : [];
    }
    return sources.flatMap((from) => {
      const known = state ?? stateOf(to.origin) ?? stateOf(from.origin);
      if (known === null && node.type !== 'call_expression' && !isFpuMove(reading, from.origin, to.origin)) return [];
      return [
        { ...base, state: known, from: from.origin, to: to.origin, guards: [...own, ...to.guards, ...from.guards] },
      ];
    });
  });
}

function stateOf(origin: Origin): ControlState | null {
  if (origin.kind === 'place') return origin.state;
  return origin.part === '' ? null : 'XFD';
}

/** Whether one side of an assignment is FPU state in memory. */
function isFpuMove({ tree }: Reading, from: Origin, to: Origin): boolean {
  return [from, to].some((origin) => {
    if (origin.kind === 'place') return origin.place.kind === 'fpstate';
    if (origin.kind !== 'parameter') return true;
    return FPU_TYPES.has(tree.variables.get(tree.parameters[origin.index]?.name ?? '') ?? '');
  });
}

/** The moves of XSAVE instructions. The memory is what the macro around one is given, or the function's own FPU state. */
function executed(
  reading: Reading,
  instructions: readonly { readonly offset: number; readonly direction: 'save' | 'restore' }[],
): StateMove[] {
  return instructions.flatMap(({ offset, direction }) => {
    const node = reading.tree.nodes.find((n) => n.start === offset && n.type === 'call_expression');
    const guards = guardsOf(
      reading.tree.guards,
      node ?? reading.tree.nodes.find((n) => n.start === offset) ?? reading.tree.body,
    );
    const given = node ? argumentsOf(node).flatMap((argument) => originsOf(reading, argument)) : [];
    const memory = given.length > 0 ? given.slice(0, 1) : ownState(reading);
    return memory.map(({ origin }): StateMove => {
      const [from, to] = direction === 'save' ? [STATE_REGISTERS, origin] : [origin, STATE_REGISTERS];
      return { state: null, from, to, offset, guards, value: '' };
    });
  });
}

function ownState(reading: Reading): GuardedOrigin[] {
  const index = reading.tree.parameters.findIndex(({ name }) => FPU_TYPES.has(reading.tree.variables.get(name) ?? ''));
  return index < 0 ? [] : [{ origin: { kind: 'parameter', index, part: '' }, guards: [] }];
}

/**
 * Whose state is in the registers before a function loads another: where it loads the guest's, the task's own, and the
 * other way round. Told by what the function assigns to the task's pointer to what is loaded.
 */
export function replacedState(reading: Reading): GuardedOrigin[] {
  return reading.tree.nodes.flatMap((node) => {
    const [left, right] = [child(node, 'left'), child(node, 'right')];
    const field = left?.type === 'field_expression' ? child(left, 'field') : undefined;
    if (node.type !== 'assignment_expression' || !left || !right || !field) return [];
    if (textOf(reading, field) !== LOADED_MEMBER || structOf(reading, left) !== 'fpstate') return [];
    const loaded = originsOf(reading, right);
    return underGuards(
      loaded.flatMap((o) => otherState(reading, o)),
      guardsOf(reading.tree.guards, node),
    );
  });
}

function otherState(reading: Reading, { origin, guards }: GuardedOrigin): GuardedOrigin[] {
  if (origin.kind === 'parameter') return [{ origin: { kind: 'aside', part: '' }, guards }];
  return ownState(reading).map((own) => ({ ...own, guards }));
}

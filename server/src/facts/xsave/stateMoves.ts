import type { Guard } from '../../syntax/conditions/guard.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import type { MacroLookup } from '../../syntax/preprocessor/macroExpansion.js';
import {
  argumentsOf,
  bareExpression,
  calleeName,
  textOf,
  writtenText,
  type FunctionContext,
} from '../source/expressions.js';
import { structOf } from '../source/expressionTypes.js';
import { guardsOf } from '../source/guards.js';
import { hardwareReadInto, hardwareWrite, msr } from './hardwareAccess.js';
import { stateInstructions } from './instructions.js';
import { ARCH_FIELDS, COPIES, FPU_TYPES, type ControlState, type StateRegister } from './stateInterfaces.js';
import { LOADED_MEMBER, originsOf, underGuards, userBuffer, type GuardedOrigin, type Origin } from './origins.js';

/** A value's way in one function: a register, a component or all of them, from one origin to another. */
export interface StateMove {
  /** null: whatever its places hold; where those are FPU state, all components. */
  readonly state: ControlState | null;
  /** null: a constant, or what is not known. */
  readonly from: Origin | null;
  readonly to: Origin;
  readonly offset: number;
  readonly guards: readonly Guard[];
  /** The value as written, where it comes from no place. */
  readonly value: string;
}

/** A call that hands on what may be XSAVE state. */
export interface StateCall {
  readonly callee: string;
  readonly offset: number;
  readonly guards: readonly Guard[];
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
export function stateMoves(context: FunctionContext): StateMove[] {
  const { tree, symbols } = context;
  const moves: StateMove[] = [];
  for (const node of context.tree.nodes) {
    if (context.tree.isRepeated(node.start)) continue;
    if (node.type === 'assignment_expression') moves.push(...assignmentMoves(context, node));
    else if (node.type === 'call_expression') moves.push(...callMoves(context, node));
  }
  if (ownState(context).length === 0) return moves;
  const macros: MacroLookup = (name) => symbols.macros.get(name)?.definition;
  return [...moves, ...instructionMoves(context, stateInstructions(tree.source, macros, symbols.asmMacros))];
}

/** The calls of a function whose arguments are known to be something. */
export function stateCalls(context: FunctionContext): StateCall[] {
  const calls: StateCall[] = [];
  for (const node of context.tree.nodes) {
    if (node.type !== 'call_expression' || context.tree.isRepeated(node.start)) continue;
    const callee = calleeName(context, node);
    if (!context.symbols.stateFunctions.has(callee)) continue;
    const given = argumentsOf(node).map((argument) => argumentOrigins(context, argument));
    if (given.every((origins) => origins.length === 0)) continue;
    const written = argumentsOf(node).map((argument) => writtenText(context, argument));
    calls.push({ callee, offset: node.start, guards: guardsOf(context.tree.guards, node), arguments: given, written });
  }
  return calls;
}

function argumentOrigins(context: FunctionContext, argument: CNode): GuardedOrigin[] {
  const known = originsOf(context, argument);
  const user = known.length === 0 ? userBuffer(context, argument) : null;
  return user ? [{ origin: user, guards: [] }] : known;
}

function assignmentMoves(context: FunctionContext, node: CNode): StateMove[] {
  const [left, right] = [child(node, 'left'), child(node, 'right')];
  if (!left || !right || child(node, 'operator')?.type !== '=') return [];
  // A pointer to FPU state that is set moves none of it.
  if (FPU_TYPES.has(structOf(context, left) ?? '')) return [];
  const targets = targetOrigins(context, left);
  if (targets.length === 0) return [];
  return movesBetween(context, node, targets, right, null);
}

/** What an assignment writes to: a place, or what a parameter points to. */
function targetOrigins(context: FunctionContext, left: CNode): GuardedOrigin[] {
  const node = bareExpression(left);
  return node.type === 'identifier' && context.tree.variables.has(textOf(context, node))
    ? []
    : originsOf(context, node).filter(({ origin }) => origin.kind !== 'parameter' || isThrough(node));
}

/** Whether a target is reached through a pointer: the variable itself is the function's own. */
function isThrough(node: CNode): boolean {
  if (node.type === 'pointer_expression') return true;
  return node.type === 'field_expression' && child(node, 'operator')?.type !== '.';
}

function callMoves(context: FunctionContext, call: CNode): StateMove[] {
  const write = hardwareWrite(context, call);
  if (write) return movesBetween(context, call, [hardware(write.register)], write.value, write.register.state);
  const read = hardwareReadInto(context, call);
  if (read) return readInto(context, call, read.register, read.target);
  const given = argumentsOf(call);
  const copy = COPIES.get(calleeName(context, call));
  const [to, from] = copy ? [given[copy.to], given[copy.from]] : [];
  if (to && from) return copyMoves(context, call, to, from);
  return msrLoadArea(context, call);
}

function hardware(register: StateRegister): GuardedOrigin {
  const place = { kind: 'hardware' as const, name: register.name, register: null };
  return { origin: { kind: 'place', place, state: register.state, isHost: false }, guards: [] };
}

function readInto(context: FunctionContext, call: CNode, register: StateRegister, target: CNode): StateMove[] {
  const { origin } = hardware(register);
  return originsOf(context, target).map((to) => ({
    state: register.state,
    from: origin,
    to: to.origin,
    offset: call.start,
    guards: [...guardsOf(context.tree.guards, call), ...to.guards],
    value: '',
  }));
}

function copyMoves(context: FunctionContext, call: CNode, to: CNode, from: CNode): StateMove[] {
  const targets = argumentOrigins(context, to);
  return targets.length === 0 ? [] : movesBetween(context, call, targets, from, null);
}

/** KVM's copy of the guest's value of an MSR: what a value out of the GHCB, handed on with the MSR's number, is for. */
function cacheOrigin(register: StateRegister): GuardedOrigin {
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
function msrLoadArea(context: FunctionContext, call: CNode): StateMove[] {
  const given = argumentsOf(call);
  const at = given.findIndex((argument) => msr(context, argument) !== null);
  const register = msr(context, given[at]);
  const [guest, host] = [given[at + 1], given[at + 2]];
  if (!register || !guest) return [];
  if (originsOf(context, guest).some(({ origin }) => origin.kind === 'place' && origin.place.kind === 'ghcb'))
    return movesBetween(context, call, [cacheOrigin(register)], guest, register.state);
  if (!host) return [];
  const list = (name: string): GuardedOrigin => ({
    origin: { kind: 'place', place: { kind: 'vmcs', name, register: null }, state: register.state, isHost: false },
    guards: [],
  });
  const isPlace = (value: CNode) => originsOf(context, value).some(({ origin }) => origin.kind === 'place');
  if (!isPlace(guest) || !isPlace(host)) return [];
  return [
    ...movesBetween(context, call, [list('VM-entry MSR-load area')], guest, register.state),
    ...movesBetween(context, call, [list('VM-exit MSR-load area')], host, register.state),
  ];
}

/** The moves from a value's origins to targets, where either is of XSAVE's. */
function movesBetween(
  context: FunctionContext,
  node: CNode,
  targets: readonly GuardedOrigin[],
  value: CNode,
  state: ControlState | null,
): StateMove[] {
  const own = guardsOf(context.tree.guards, node);
  const sources = argumentOrigins(context, value);
  const base = { offset: node.start, value: writtenText(context, value) };
  return targets.flatMap((to): StateMove[] => {
    if (sources.length === 0) {
      const known = state ?? stateOf(to.origin);
      return known ? [{ ...base, state: known, from: null, to: to.origin, guards: [...own, ...to.guards] }] : [];
    }
    return sources.flatMap((from) => {
      const known = state ?? stateOf(to.origin) ?? stateOf(from.origin);
      if (known === null && node.type !== 'call_expression' && !isFpuMove(context, from.origin, to.origin)) return [];
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
function isFpuMove({ tree }: FunctionContext, from: Origin, to: Origin): boolean {
  return [from, to].some((origin) => {
    if (origin.kind === 'place') return origin.place.kind === 'fpstate';
    if (origin.kind !== 'parameter') return true;
    return FPU_TYPES.has(tree.variables.get(tree.parameters[origin.index]?.name ?? '') ?? '');
  });
}

/** The moves of XSAVE instructions. The memory is what the macro around one is given, or the function's own FPU state. */
function instructionMoves(
  context: FunctionContext,
  instructions: readonly { readonly offset: number; readonly direction: 'save' | 'restore' }[],
): StateMove[] {
  return instructions.flatMap(({ offset, direction }) => {
    const node = context.tree.nodes.find((n) => n.start === offset && n.type === 'call_expression');
    const guards = guardsOf(
      context.tree.guards,
      node ?? context.tree.nodes.find((n) => n.start === offset) ?? context.tree.body,
    );
    const given = node ? argumentsOf(node).flatMap((argument) => originsOf(context, argument)) : [];
    const memory = given.length > 0 ? given.slice(0, 1) : ownState(context);
    return memory.map(({ origin }): StateMove => {
      const [from, to] = direction === 'save' ? [STATE_REGISTERS, origin] : [origin, STATE_REGISTERS];
      return { state: null, from, to, offset, guards, value: '' };
    });
  });
}

function ownState(context: FunctionContext): GuardedOrigin[] {
  const index = context.tree.parameters.findIndex(({ name }) => FPU_TYPES.has(context.tree.variables.get(name) ?? ''));
  return index < 0 ? [] : [{ origin: { kind: 'parameter', index, part: '' }, guards: [] }];
}

/**
 * Whose state is in the registers before a function loads another: where it loads the guest's, the task's own, and the
 * other way round. Recognized by what the function assigns to the task's pointer to what is loaded.
 */
export function replacedState(context: FunctionContext): GuardedOrigin[] {
  return context.tree.nodes.flatMap((node) => {
    const [left, right] = [child(node, 'left'), child(node, 'right')];
    const field = left?.type === 'field_expression' ? child(left, 'field') : undefined;
    if (node.type !== 'assignment_expression' || !left || !right || !field) return [];
    if (textOf(context, field) !== LOADED_MEMBER || structOf(context, left) !== 'fpstate') return [];
    const loaded = originsOf(context, right);
    return underGuards(
      loaded.flatMap((o) => otherState(context, o)),
      guardsOf(context.tree.guards, node),
    );
  });
}

function otherState(context: FunctionContext, { origin, guards }: GuardedOrigin): GuardedOrigin[] {
  if (origin.kind === 'parameter') return [{ origin: { kind: 'aside', part: '' }, guards }];
  return ownState(context).map((own) => ({ ...own, guards }));
}

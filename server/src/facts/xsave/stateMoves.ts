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
import { egprCopyNodes, slotsNamed } from '../egpr/egprCopies.js';
import { egprMembers } from '../egpr/egprNames.js';
import { slotsPlaceName } from '../egpr/slotsPlace.js';
import { structOf } from '../source/expressionTypes.js';
import { guardsOf } from '../source/guards.js';
import { coreMoves } from './coreMoves.js';
import { hardwareReadInto, hardwareWrite } from './hardwareAccess.js';
import { stateInstructions } from './instructions.js';
import { leftOutBefore, leftOutBy } from './leftOutComponents.js';
import { movedComponents } from './movedComponents.js';
import { guestMsrWrites } from './guestMsrWrites.js';
import { numberedMsrAssignment, numberedMsrCall } from './numberedMsrs.js';
import { slotMoves } from './slotMoves.js';
import { argumentOrigins, movesBetween, STATE_REGISTERS, type StateMove } from './stateMove.js';
import { COPIES, FPU_TYPES, type StateRegister } from './stateInterfaces.js';
import { LOADED_MEMBER, originAt, originsOf, underGuards, type GuardedOrigin, type Origin } from './origins.js';

/** A call that hands on what may be XSAVE state. */
export interface StateCall {
  readonly callee: string;
  readonly offset: number;
  readonly guards: readonly Guard[];
  /** What each argument may be. */
  readonly arguments: readonly (readonly GuardedOrigin[])[];
  /** The arguments as written. */
  readonly written: readonly string[];
  /** Masks of the components that the call leaves out of what it is given, in C's words. */
  readonly leftOut: readonly string[];
}

/** The moves of XSAVE state in a function. Its own instructions count where it is given FPU state to save to or restore from. */
export function stateMoves(context: FunctionContext): StateMove[] {
  const { tree, symbols } = context;
  const copies = egprCopyNodes(context).filter(({ copy }) => copy.by === null);
  const moves = copies.flatMap((copy) => slotMoves(context, copy));
  for (const node of context.tree.nodes) {
    if (context.tree.isRepeated(node.start) || copies.some((copy) => copy.node === node)) continue;
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
    const given = argumentsOf(node).map((argument) => givenOrigins(context, callee, argument));
    if (given.every((origins) => origins.length === 0)) continue;
    const written = argumentsOf(node).map((argument) => writtenText(context, argument));
    const leftOut = leftOutBy(context, argumentsOf(node));
    const guards = guardsOf(context.tree.guards, node);
    calls.push({ callee, offset: node.start, guards, arguments: given, written, leftOut });
  }
  return calls;
}

/** What an argument may be: for a helper that may copy R16-R31's slots, their address too. */
function givenOrigins(context: FunctionContext, callee: string, argument: CNode): GuardedOrigin[] {
  const { egpr, registers } = context.symbols;
  const slots = egpr.helpers.has(callee) ? slotsNamed(context, argument, new Set(egprMembers(registers))) : null;
  if (!slots) return argumentOrigins(context, argument);
  return [{ origin: originAt('cache', slotsPlaceName(registers, slots.name, true), null), guards: [] }];
}

function assignmentMoves(context: FunctionContext, node: CNode): StateMove[] {
  const [left, right] = [child(node, 'left'), child(node, 'right')];
  if (!left || !right || child(node, 'operator')?.type !== '=') return [];
  const numbered = numberedMsrAssignment(context, node);
  if (numbered.length > 0) return numbered;
  // A pointer to FPU state that is set moves none of it.
  if (FPU_TYPES.has(structOf(context, left) ?? '')) return [];
  const targets = targetOrigins(context, left);
  if (targets.length === 0) return [];
  return ofComponents(
    context,
    node,
    [left, right],
    movesBetween(context, node, { targets, value: right, state: null }),
  );
}

/** Moves of FPU state with the components that they are of, by the two sides of the copy. */
function ofComponents(
  context: FunctionContext,
  copy: CNode,
  sides: readonly [CNode, CNode],
  moves: StateMove[],
): StateMove[] {
  if (moves.every(({ state }) => state !== null)) return moves;
  const components = movedComponents(context, sides);
  const leftOut = [...leftOutBy(context, sides), ...leftOutBefore(context, copy)];
  return moves.map((move) => (move.state === null ? { ...move, components, leftOut } : move));
}

/** What an assignment writes to: a place, or what a parameter points to. */
function targetOrigins(context: FunctionContext, left: CNode): GuardedOrigin[] {
  const node = bareExpression(left);
  return node.type === 'identifier' && context.tree.variables.has(textOf(context, node))
    ? []
    : originsOf(context, node).filter(
        ({ origin }) => !isValue(origin) && (origin.kind !== 'parameter' || isThrough(node)),
      );
}

/** Whether an origin is a value that was read from hardware: no assignment writes a register, and a struct that has the value is no register. */
function isValue(origin: Origin): boolean {
  return origin.kind === 'place' && origin.place.kind === 'hardware';
}

/** Whether a target is reached through a pointer: the variable itself is the function's own. */
function isThrough(node: CNode): boolean {
  if (node.type === 'pointer_expression') return true;
  if (node.type === 'subscript_expression') return true;
  return node.type === 'field_expression' && child(node, 'operator')?.type !== '.';
}

function callMoves(context: FunctionContext, call: CNode): StateMove[] {
  const write = hardwareWrite(context, call);
  if (write)
    return movesBetween(context, call, {
      targets: [hardware(write.register)],
      value: write.value,
      state: write.register.state,
    });
  const read = hardwareReadInto(context, call);
  if (read) return readInto(context, call, read.register, read.target);
  const numbered = numberedMsrCall(context, call);
  if (numbered.length > 0) return numbered;
  const given = argumentsOf(call);
  const name = calleeName(context, call);
  const copy = COPIES.get(name);
  const [to, from] = copy ? [given[copy.to], given[copy.from]] : [];
  if (to && from) return copyMoves(context, call, to, from);
  // What the tree shows of the FPU core is read there.
  return context.symbols.stateFunctions.has(name)
    ? guestMsrWrites(context, call)
    : [...coreMoves(context, call), ...guestMsrWrites(context, call)];
}

function hardware(register: StateRegister): GuardedOrigin {
  const place = { kind: 'hardware' as const, name: register.name, register: null };
  return { origin: { kind: 'place', place, state: register.state, isHost: false }, guards: [] };
}

function readInto(context: FunctionContext, call: CNode, register: StateRegister, target: CNode): StateMove[] {
  const { origin } = hardware(register);
  return originsOf(context, target).map((to) => ({
    state: register.state,
    components: null,
    leftOut: [],
    from: origin,
    to: to.origin,
    offset: call.start,
    guards: [...guardsOf(context.tree.guards, call), ...to.guards],
    value: '',
  }));
}

function copyMoves(context: FunctionContext, call: CNode, to: CNode, from: CNode): StateMove[] {
  const targets = argumentOrigins(context, to);
  if (targets.length === 0) return [];
  return ofComponents(context, call, [to, from], movesBetween(context, call, { targets, value: from, state: null }));
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
      return { state: null, components: null, leftOut: [], from, to, offset, guards, value: '' };
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

import { accessorCall, indexedCall } from './cacheExpressions.js';
import {
  argumentsOf,
  bareExpression,
  calleeName,
  textOf,
  withCasts,
  type FunctionContext,
} from '../source/expressions.js';
import { initializedPlace } from './initializedPlace.js';
import { placeCall } from './placeCalls.js';
import { placeOf, placesOf, slotPlace } from './places.js';
import type { Place } from '../../backends/place.js';
import { statementOf } from '../source/cStatements.js';
import { cachePlace } from './copies.js';
import { unionGuards, type Guard } from '../../syntax/conditions/guard.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import { guardsOf } from '../source/guards.js';
import { sourcesOf } from './moveSources.js';
import { accessOf, exchanged, objectAccess } from '../source/objectAccess.js';

/** A value's way from one place to another. null: from (or to) nowhere that is a place, such as a constant or a parameter. */
export interface Move {
  readonly from: Place | null;
  readonly to: Place | null;
  /** Offset of the expression that does it: the assignment, the call; for hardware's value that a local variable hands on, its read. */
  readonly offset: number;
  /** Where that expression ends. */
  readonly end: number;
  /** Where the statement begins that it is in. */
  readonly statement: number;
  readonly guards: readonly Guard[];
  /** The variable's or expression's text on the side that is no place; '' without one. */
  readonly other: string;
  /** The old value of `to` is part of the new one (`|=`). */
  readonly isPartial: boolean;
  /** Without `from`: the value is made of a number that the function was given. */
  readonly isGiven: boolean;
  /** Without `to`: the value is what the function returns. */
  readonly isReturned: boolean;
  /** Without `to`: what is returned, or handed on, is the place's address, by which others read and write it. */
  readonly isAddress: boolean;
}

/** The moves of a function: assignments, initialisers, writers' calls, bulk copies; and reads that go nowhere in particular. */
export function movesOf(context: FunctionContext): Move[] {
  const used = new Set<number>();
  const moves = context.tree.nodes.flatMap((node) =>
    context.tree.isRepeated(node.start) ? [] : movesAt(context, node, used),
  );
  return [...moves, ...readsOf(context, used)];
}

/** The moves that one expression does; notes in `used` what it reads. */
function movesAt(context: FunctionContext, node: CNode, used: Set<number>): Move[] {
  return writesOf(context, node).flatMap((write) => movesTo(context, node, write, used));
}

/** The moves to what an expression writes. */
function movesTo(context: FunctionContext, node: CNode, { to, value, isPartial }: Write, used: Set<number>): Move[] {
  const sources = value ? sourcesOf(context, value, used) : [];
  const text = value ? otherText(context, value) : '';
  const guards = guardsOf(context.tree.guards, node);
  const isReturned = to === null;
  const base = { to, isPartial, isReturned, isAddress: isReturned && isAddressOf(value), isGiven: false };
  if (sources.length === 0) {
    const isGiven = value !== null && isMadeOfParameter(context, value, new Set());
    return to === null ? [] : [{ ...base, ...placed(node), from: null, guards, other: text, isGiven }];
  }
  return sources.map((source): Move => {
    // Between two of hardware's places the value is moved where it is written; where it is read first, that is a read of its own.
    if (isHardware(context, source.place) && isHardware(context, to) && !isWithin(source.node, node))
      used.delete(source.node.start);
    const at = isHardware(context, source.place) && !isHardware(context, to) ? readAt(source.node, node) : node;
    const all = unionGuards(guards, source.guards);
    return { ...base, ...placed(at), from: source.place, guards: all, other: isPartial ? text : '' };
  });
}

function isHardware(context: FunctionContext, place: Place | null): boolean {
  return place !== null && placesOf(context).kinds.has(place.kind);
}

/** What shows that hardware's value is read: the read itself, where a local variable hands the value on. */
function readAt(read: CNode, move: CNode): CNode {
  return isWithin(read, move) ? move : read;
}

function isWithin(inner: CNode, outer: CNode): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

function placed(node: CNode): Pick<Move, 'offset' | 'end' | 'statement'> {
  return { offset: node.start, end: node.end, statement: statementOf(node) };
}

function returnedValue(node: CNode): Write | null {
  const [value] = node.type === 'return_statement' ? node.children : [];
  return value ? { to: null, value, isPartial: false } : null;
}

/** Whether an expression is the address of something: `&save->cs`. */
export function isAddressOf(value: CNode | null): boolean {
  const node = value && bareExpression(value);
  return node?.type === 'pointer_expression' && child(node, 'operator')?.type === '&';
}

/** Structs that stand for the virtual machine itself: what is read out of them is not what a function is given to set. */
const MACHINE_STRUCT = /^kvm$|vcpu|vmcb|vmcs/;

/**
 * Whether a value is made of a parameter that is a number, or a description of one (`struct kvm_segment`). `seen`: the local
 * variables that have been looked at, each of which is once.
 */
function isMadeOfParameter(context: FunctionContext, value: CNode, seen: Set<string>): boolean {
  const node = bareExpression(value);
  if (node.type !== 'identifier')
    return node.children.some(
      (c) => c.field !== 'function' && c.field !== 'field' && isMadeOfParameter(context, c, seen),
    );
  const name = textOf(context, node);
  if (context.tree.parameters.some((parameter) => parameter.name === name))
    return !MACHINE_STRUCT.test(context.tree.variables.get(name) ?? '');
  if (seen.has(name)) return false;
  seen.add(name);
  const definitions = context.tree.definitions.get(name) ?? [];
  return definitions.some((definition) => isMadeOfParameter(context, definition.value, seen));
}

/** A member of KVM's own that is given what hardware holds: `vmx->rflags = vmcs_readl(GUEST_RFLAGS)`. */
function savedHardware(context: FunctionContext, node: CNode): Write | null {
  const [left, right] = node.type === 'assignment_expression' ? [child(node, 'left'), child(node, 'right')] : [];
  if (!left || !right) return null;
  const target = pointedAt(context, left) ?? bareExpression(left);
  if (target.type !== 'field_expression') return null;
  const { kinds } = placesOf(context);
  if (!sourcesOf(context, right, new Set()).some(({ place }) => kinds.has(place.kind))) return null;
  return {
    to: { kind: 'cache', name: textOf(context, target).replace(/\s+/g, ''), register: null },
    value: right,
    isPartial: child(node, 'operator')?.type !== '=',
  };
}

interface Write {
  /** null: the function's result. */
  readonly to: Place | null;
  readonly value: CNode | null;
  readonly isPartial: boolean;
}

/** What an expression writes. */
function writesOf(context: FunctionContext, node: CNode): Write[] {
  const [one, other] = exchanged(context, node) ?? [];
  if (one && other) return [writeTo(context, one, other), writeTo(context, other, one)].flatMap((write) => write ?? []);
  return [writeOf(context, node) ?? savedHardware(context, node) ?? returnedValue(node)].flatMap(
    (write) => write ?? [],
  );
}

function writeTo(context: FunctionContext, object: CNode, value: CNode | null): Write | null {
  const to = writtenPlace(context, object);
  return to && { to, value, isPartial: false };
}

function writeOf(context: FunctionContext, node: CNode): Write | null {
  if (node.type === 'assignment_expression') {
    const [left, right] = [child(node, 'left'), child(node, 'right')];
    const to = left ? writtenPlace(context, left) : null;
    return to && right ? { to, value: right, isPartial: child(node, 'operator')?.type !== '=' } : null;
  }
  if (node.type === 'update_expression') {
    const argument = child(node, 'argument');
    const to = argument ? writtenPlace(context, argument) : null;
    return to && { to, value: null, isPartial: true };
  }
  if (node.type === 'call_expression') return calledWrite(context, node);
  const initialized = initializedPlace(context, node);
  return initialized && { ...initialized, isPartial: false };
}

/** What is assigned to: a place, or what a local pointer was set to point to (`u16 *p = &cache.selector; *p = ...`). */
function writtenPlace(context: FunctionContext, left: CNode): Place | null {
  const direct = placeOf(context, left) ?? partOwner(context, left);
  if (direct) return direct;
  const target = pointedAt(context, left);
  return target && placeOf(context, target);
}

/** The place of which an expression is a part, where that is no copy of KVM's own: `save.gdtr` of `save->gdtr.base`. */
function partOwner(context: FunctionContext, part: CNode): Place | null {
  const node = bareExpression(part);
  const whole = isPartOfValue(node) ? child(node, 'argument') : undefined;
  const place = whole?.type === 'field_expression' ? placeOf(context, whole) : null;
  return place?.kind === 'cache' ? null : place;
}

/** What `*p` is, for a local pointer that was set to the address of something. */
function pointedAt(context: FunctionContext, left: CNode): CNode | null {
  const node = bareExpression(left);
  const pointer = node.type === 'pointer_expression' ? child(node, 'argument') : undefined;
  if (pointer?.type !== 'identifier') return null;
  const [definition] = context.tree.definitions.get(textOf(context, pointer)) ?? [];
  const value = definition && bareExpression(definition.value);
  const target = value?.type === 'pointer_expression' ? child(value, 'argument') : undefined;
  return target ? bareExpression(target) : null;
}

function calledWrite(context: FunctionContext, call: CNode): Write | null {
  const given = argumentsOf(call);
  const direct = objectAccess(context, call);
  if (direct) return direct.access === 'read' ? null : writeTo(context, direct.object, direct.value);
  const accessor = accessorCall(context, call);
  if (accessor?.kind === 'write') {
    return { to: cachePlace(context.symbols, accessor.member), value: given.at(-1) ?? null, isPartial: false };
  }
  const indexed = indexedCall(context, call);
  if (indexed?.callee.kind === 'write' && indexed.value) {
    const to = slotPlace(context, indexed.callee.storage, indexed.index);
    return { to, value: indexed.value, isPartial: false };
  }
  const hardware = placeCall(context, call);
  if (hardware?.access === 'write') return { to: hardware.place, value: hardware.value, isPartial: false };
  return calleeName(context, call) === 'memcpy' ? copiedPlace(context, given) : null;
}

/** `memcpy(vcpu->arch.pdptrs, pdpte, ...)`: the whole of one place from another. */
function copiedPlace(context: FunctionContext, given: readonly CNode[]): Write | null {
  const [to, from] = given;
  const place = to ? placeOf(context, to) : null;
  return place && from ? { to: place, value: from, isPartial: false } : null;
}

/** Reads of places whose value goes to no other place: returned, tested, handed on. */
function readsOf(context: FunctionContext, used: ReadonlySet<number>): Move[] {
  const moves: Move[] = [];
  const seen = new Set<number>();
  for (const node of context.tree.nodes) {
    if (node.type !== 'call_expression' && node.type !== 'field_expression' && node.type !== 'subscript_expression')
      continue;
    if (used.has(node.start) || seen.has(node.start) || context.tree.isRepeated(node.start) || isWritten(context, node))
      continue;
    const from = placeOf(context, node);
    if (!from) continue;
    seen.add(node.start);
    moves.push({
      from,
      to: null,
      ...placed(node),
      guards: guardsOf(context.tree.guards, node),
      other: assignedTo(context, node),
      isPartial: false,
      isGiven: false,
      isReturned: false,
      isAddress: isAddressTaken(node),
    });
  }
  return moves;
}

/** What a value is assigned to as it is, `ctxt->eip`; '' where it is used in any other way. */
function assignedTo(context: FunctionContext, read: CNode): string {
  const value = withCasts(read);
  const above = value.parent;
  const isAssigned =
    above?.type === 'assignment_expression' && value.field === 'right' && child(above, 'operator')?.type === '=';
  const isInitial = above?.type === 'init_declarator' && value.field === 'value';
  const target = isAssigned ? child(above, 'left') : isInitial ? child(above, 'declarator') : undefined;
  return target ? otherText(context, target) : '';
}

function isAddressTaken({ parent }: CNode): boolean {
  return parent !== null && isAddressOf(parent);
}

/** Whether an expression is a member of a value, and not of what a pointer leads to. */
function isPartOfValue(node: CNode): boolean {
  return node.type === 'field_expression' && child(node, 'operator')?.type === '.';
}

function isWritten(context: FunctionContext, node: CNode): boolean {
  if (node.parent?.type === 'subscript_expression' && node.field === 'argument') return isWritten(context, node.parent);
  if (node.parent?.type === 'pointer_expression') return isWritten(context, node.parent);
  // A part of it is written: `smram->idtr.limit = ...`.
  if (node.parent && isPartOfValue(node.parent) && node.field === 'argument') return isWritten(context, node.parent);
  if (node.parent?.type === 'argument_list') return accessOf(context, node).includes('write');
  return node.field === 'left' && node.parent?.type === 'assignment_expression';
}

function otherText(context: FunctionContext, node: CNode): string {
  return textOf(context, node).replace(/\s+/g, ' ');
}

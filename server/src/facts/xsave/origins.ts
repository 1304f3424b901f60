import type { Place } from '../../backends/place.js';
import { excludes, hasGuard, type Guard } from '../../syntax/conditions/guard.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import { argumentsOf, bareExpression, calleeName, textOf, type FunctionContext } from '../source/expressions.js';
import { isVcpuArch, structOf } from '../source/expressionTypes.js';
import { placeOf } from '../registers/places.js';
import { guardsOf } from '../source/guards.js';
import { reachingDefinitions } from '../source/reachingDefinitions.js';
import { trailStart, trailTo, type ValueTrail } from '../source/valueTrail.js';
import {
  ARCH_FIELDS,
  FPU_MEMBERS,
  FPU_NOTES,
  FPU_TYPES,
  HOST_MEMBERS,
  HOST_STRUCT_VARIABLE,
  HOST_VARIABLES,
  SAVED_MEMBERS,
  USER_COPIES,
  USER_STRUCTS,
  vendorField,
  XFD_MEMBERS,
  type ControlState,
} from './stateInterfaces.js';
import { hardwareRead } from './hardwareAccess.js';
import { memberAssignments } from './memberAssignments.js';

/** Where a value comes from, or goes to, as far as one function says. */
export type Origin =
  | { readonly kind: 'place'; readonly place: Place; readonly state: ControlState | null; readonly isHost: boolean }
  /** A parameter of the function, or what it points to; `part`: the member of FPU state that is meant, '' for all of it. */
  | { readonly kind: 'parameter'; readonly index: number; readonly part: string }
  /** The FPU state of the task that runs: `current`'s, while it is in the registers. */
  | { readonly kind: 'loaded'; readonly part: string }
  /** The FPU state of the task that runs, put aside while another's is loaded. */
  | { readonly kind: 'aside'; readonly part: string };

/** An origin with the conditions under which it is the one. */
export interface GuardedOrigin {
  readonly origin: Origin;
  readonly guards: readonly Guard[];
}

/** How far a value is followed through local variables. */
const MOST_LOCALS = 5;

/** What an expression's value is, or points to. Empty where nothing is known. */
export function originsOf(
  context: FunctionContext,
  expression: CNode,
  trail: ValueTrail = trailStart(),
): GuardedOrigin[] {
  const node = bareExpression(expression);
  const known = placeOrigin(context, node);
  if (known) return [{ origin: known, guards: [] }];
  switch (node.type) {
    case 'identifier':
      return trail.depth < MOST_LOCALS ? variableOrigins(context, node, trail) : [];
    case 'conditional_expression':
      return ['consequence', 'alternative'].flatMap((field) => {
        const branch = child(node, field);
        if (!branch) return [];
        const guards = guardsOf(context.tree.guards, branch).slice(guardsOf(context.tree.guards, node).length);
        return underGuards(originsOf(context, branch, trail), guards);
      });
    case 'field_expression':
      return memberOrigins(context, node, trail);
    case 'pointer_expression':
    case 'update_expression':
    case 'subscript_expression': {
      const inner = child(node, 'argument');
      return inner ? originsOf(context, inner, trail) : [];
    }
    case 'call_expression':
      return calledOrigins(context, node, trail);
    case 'binary_expression': {
      // A mask, or an offset into a buffer, leaves the value what it is; a comparison makes another.
      const operator = child(node, 'operator')?.type ?? '';
      if (!/^[|&+]$/.test(operator)) return [];
      return ['left', 'right'].flatMap((field) => {
        const side = child(node, field);
        return side ? originsOf(context, side, trail) : [];
      });
    }
    case 'initializer_list':
      return node.children
        .flatMap((c) => originsOf(context, child(c, 'value') ?? c, trail))
        .filter(({ origin }) => isMemory(context, origin));
    default:
      return [];
  }
}

export function underGuards(origins: readonly GuardedOrigin[], guards: readonly Guard[]): GuardedOrigin[] {
  return guards.length === 0 ? [...origins] : origins.map((o) => ({ ...o, guards: [...guards, ...o.guards] }));
}

/** Whether an origin may be memory: not a parameter that is a number. */
function isMemory({ tree }: FunctionContext, origin: Origin): boolean {
  return (
    origin.kind !== 'parameter' ||
    !/\b(?:int|long|u16|u32|u64|bool|size_t)\b/.test(tree.parameters[origin.index]?.type ?? '')
  );
}

/** A place of KVM's own, of userspace or of a save area. */
function placeOrigin(context: FunctionContext, node: CNode): Origin | null {
  const hardware = hardwareRead(context, node);
  if (hardware) return originAt('hardware', hardware.name, hardware.state);
  if (node.type === 'identifier') {
    const name = textOf(context, node);
    const state = context.tree.variables.has(name) ? undefined : HOST_VARIABLES.get(name);
    return state ? originAt('host', name, state) : null;
  }
  if (node.type === 'call_expression') {
    const place = placeOf(context, node);
    return place ? { kind: 'place', place, state: SAVED_MEMBERS.get(place.name) ?? null, isHost: false } : null;
  }
  const [base, field] = [child(node, 'argument'), child(node, 'field')];
  if (node.type === 'subscript_expression' && base) return placeOrigin(context, bareExpression(base));
  if (node.type !== 'field_expression' || !base || !field) return null;
  return fieldOrigin(context, node, base, textOf(context, field));
}

function fieldOrigin(context: FunctionContext, node: CNode, base: CNode, name: string): Origin | null {
  const arch = isVcpuArch(context, base) ? archOrigin(name) : null;
  if (arch) return arch;
  const vendors = vendorField(name);
  if (vendors) return originAt(vendors.owner === 'host' ? 'host' : 'cache', textOf(context, node), vendors.state);
  const user = USER_STRUCTS.get(structOf(context, base) ?? '');
  if (user) return originAt(user.kind, `${user.prefix}${name}`, null);
  const host = HOST_MEMBERS.get(name) ?? null;
  if (host && textOf(context, base) === HOST_STRUCT_VARIABLE)
    return originAt('host', `${HOST_STRUCT_VARIABLE}.${name}`, host);
  const place = placeOf(context, node);
  return place && savedOrigin(place, place.kind === 'host' ? host : (SAVED_MEMBERS.get(name) ?? null));
}

/** A member of `vcpu->arch` that keeps a control register, or FPU state. */
function archOrigin(name: string): Origin | null {
  const kept = ARCH_FIELDS.get(name);
  if (kept) return originAt(kept.owner === 'guest' ? 'cache' : 'host', `arch.${name}`, kept.state);
  const fpu = FPU_MEMBERS.get(name);
  return fpu ? originAt(fpu === 'guest' ? 'fpstate' : 'host', `arch.${name}`, null) : null;
}

/** A place that the processor or a save area has. */
function savedOrigin(place: Place, state: ControlState | null): Origin {
  return { kind: 'place', place, state, isHost: place.kind === 'host' };
}

/** A place as an origin. */
export function originAt(kind: Place['kind'], name: string, state: ControlState | null): Origin {
  return { kind: 'place', place: { kind, name, register: null }, state, isHost: kind === 'host' };
}

/** A member of FPU state, of a parameter, or of a struct in a local variable. */
function memberOrigins(context: FunctionContext, node: CNode, trail: ValueTrail): GuardedOrigin[] {
  const [base, field] = [child(node, 'argument'), child(node, 'field')];
  if (!base || !field) return [];
  const name = textOf(context, field);
  if (FPU_NOTES.has(name)) return [];
  const assigned = assignedBefore(context, node, trail);
  if (assigned.length > 0) return assigned;
  if (isCurrentTask(context, node)) return [{ origin: { kind: 'loaded', part: '' }, guards: [] }];
  const isAside = structOf(context, base) === 'fpu' && structOf(context, node) === 'fpstate' && name !== LOADED_MEMBER;
  return originsOf(context, base, trail).map(({ origin, guards }) => ({
    origin: memberOf(origin, name, isAside),
    guards,
  }));
}

/** The member of a task's `struct fpu` that points to the state in the registers; another pointer is to one put aside. */
export const LOADED_MEMBER = 'fpstate';

function memberOf(origin: Origin, name: string, isAside: boolean): Origin {
  const part = XFD_MEMBERS.has(name) ? name : '';
  return origin.kind === 'loaded' && isAside ? { kind: 'aside', part } : partOf(origin, part);
}

/** A part of FPU state that is named; '' leaves the origin what it is. */
export function partOf(origin: Origin, part: string): Origin {
  if (part === '') return origin;
  if (origin.kind !== 'place') return { ...origin, part };
  if (origin.place.kind !== 'fpstate' && origin.place.kind !== 'host') return origin;
  const place = { ...origin.place, name: `${origin.place.name}.${part}` };
  return { ...origin, place, state: XFD_MEMBERS.get(part) ?? null };
}

/** What a definition gives; nothing where it was looked at often enough. */
function originsFrom(context: FunctionContext, value: CNode, trail: ValueTrail): GuardedOrigin[] {
  const next = trailTo(value, trail);
  return next ? originsOf(context, value, next) : [];
}

/** What was assigned to the same member before its use: `fpu->fpstate = guest_fps`. */
function assignedBefore(context: FunctionContext, use: CNode, trail: ValueTrail): GuardedOrigin[] {
  if (trail.depth >= MOST_LOCALS) return [];
  const assigned = memberAssignments(context.tree).byMember.get(textOf(context, use)) ?? [];
  return assigned.flatMap((assignment) =>
    assignment.node.end < use.start ? definedOrigins(context, assignment, use, trail) : [],
  );
}

/** What a member was given before its use; nothing where it was given it in another branch. */
function definedOrigins(
  context: FunctionContext,
  { node, value }: { readonly node: CNode; readonly value: CNode },
  use: CNode,
  trail: ValueTrail,
): GuardedOrigin[] {
  const common = guardsOf(context.tree.guards, use);
  const own = guardsOf(context.tree.guards, node).filter((guard) => !hasGuard(common, guard));
  return own.some((guard) => common.some((other) => excludes(guard, other)))
    ? []
    : underGuards(originsFrom(context, value, trail), own);
}

/** `current`, or the FPU state that a macro or member finds for it: `x86_task_fpu(current)`, `current->thread.fpu`. */
function isCurrentTask(context: FunctionContext, node: CNode): boolean {
  return /^(?:&\s*)?(?:current\s*->|\w+\(\s*current\s*\))/.test(textOf(context, node));
}

function variableOrigins(context: FunctionContext, use: CNode, trail: ValueTrail): GuardedOrigin[] {
  const name = textOf(context, use);
  const { found: definitions, isComplete } = reachingDefinitions(context.tree, use);
  const found = definitions.flatMap(({ value, guards }) => underGuards(originsFrom(context, value, trail), guards));
  const index = context.tree.parameters.findIndex((parameter) => parameter.name === name);
  if (index >= 0 && !isComplete) return [...found, { origin: { kind: 'parameter', index, part: '' }, guards: [] }];
  if (found.length > 0) return found;
  // A local struct is what its members were given: `pkru.pkru = value`.
  const isLocal = context.tree.variables.has(name);
  const members = isLocal ? (memberAssignments(context.tree).byStruct.get(name) ?? []) : [];
  return members.flatMap(({ node, value }) => (node.end <= use.start ? originsFrom(context, value, trail) : []));
}

/** A call that is given a piece of FPU state, and finds a component or another view of it there. */
function calledOrigins(context: FunctionContext, call: CNode, trail: ValueTrail): GuardedOrigin[] {
  if (isCurrentTask(context, call)) return [{ origin: { kind: 'loaded', part: '' }, guards: [] }];
  const [first] = argumentsOf(call);
  if (!first || calleeName(context, call) === '' || !mayBeFpuState(context, first)) return [];
  return originsOf(context, first, trail).filter(({ origin }) => isFpuState(context, origin, first));
}

/** Whether an expression's type, as far as it is known, is one of FPU state. */
function mayBeFpuState(context: FunctionContext, expression: CNode): boolean {
  const struct = structOf(context, expression);
  return struct === null || FPU_TYPES.has(struct);
}

/** Whether an origin is FPU state in memory, by what it is or by its type. */
function isFpuState(context: FunctionContext, origin: Origin, expression: CNode): boolean {
  if (origin.kind === 'loaded' || origin.kind === 'aside') return true;
  if (origin.kind === 'place') return origin.place.kind === 'fpstate' || origin.place.name === 'arch.user_fpu';
  return FPU_TYPES.has(structOf(context, expression) ?? '');
}

/** What a function that copies from or to userspace hands on of its own: its argument's copy. */
export function userBuffer(context: FunctionContext, expression: CNode): Origin | null {
  const node = bareExpression(expression);
  const text = textOf(context, node);
  const isLocal = context.tree.variables.has(/^\w*/.exec(text)?.[0] ?? '');
  if (!isLocal || !USER_COPIES.some((name) => context.tree.source.words.has(name))) return null;
  return node.type === 'field_expression' || node.type === 'identifier' ? originAt('userspace', text, null) : null;
}

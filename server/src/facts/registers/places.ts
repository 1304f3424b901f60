import type { Place } from '../../backends/place.js';
import { placeTables, type PlaceTables } from '../../backends/registry.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import {
  argumentsOf,
  bareExpression,
  calleeName,
  onlyDefinition,
  textOf,
  type FunctionContext,
} from '../source/expressions.js';
import { reachingDefinitions } from '../source/reachingDefinitions.js';
import { holdsVcpu, structOf } from '../source/expressionTypes.js';
import { CACHE_MEMBER } from '../symbols/cacheNames.js';
import { accessorCall, cacheField, indexedCall, namedRegister, registerArray } from './cacheExpressions.js';
import { anySlotPlace, cacheFieldPlace, cachePlace, emulatorPlace } from './copies.js';

/** The places that are a backend's or everyone's. */
export function placesOf({ symbols }: FunctionContext): PlaceTables {
  return placeTables(symbols.backends);
}

/** The place that an expression is, read or written; null where it is none. */
export function placeOf(context: FunctionContext, expression: CNode): Place | null {
  const node = bareExpression(expression);
  switch (node.type) {
    case 'call_expression':
      return calledPlace(context, node);
    case 'pointer_expression': {
      const inner = child(node, 'argument');
      return inner ? placeOf(context, inner) : null;
    }
    case 'subscript_expression': {
      const array = child(node, 'argument');
      const storage = array ? registerArray(context, array) : null;
      if (storage === null) return array ? (fieldPlace(context, node) ?? structPlace(context, array)) : null;
      const index = child(node, 'index');
      return slotPlace(context, storage, index);
    }
    case 'field_expression':
      return fieldPlace(context, node) ?? structPlace(context, node);
    default:
      return null;
  }
}

/** The slot that an index means, of the cache or of the emulator's copy. */
export function slotPlace(context: FunctionContext, storage: 'cache' | 'emulator', index: CNode | undefined): Place {
  const register = namedRegister(context, index);
  if (register === null) return anySlotPlace(context.symbols, storage, index ? textOf(context, index) : '');
  return storage === 'cache' ? cachePlace(context.symbols, register) : emulatorPlace(context.symbols, register);
}

function fieldPlace(context: FunctionContext, node: CNode): Place | null {
  const found = cacheField(context, node);
  if (!found) return null;
  // A field of something that `arch` points to is named with the way to it: `arch.walk_mmu->pdptrs`.
  const way = new RegExp(`\\b${CACHE_MEMBER}(?:\\.|->)(\\w+->.*?\\b\\w+)(?:\\[|$)`).exec(textOf(context, node))?.[1];
  return cacheFieldPlace(way ?? textOf(context, found.field), found.member);
}

function calledPlace(context: FunctionContext, call: CNode): Place | null {
  const accessor = accessorCall(context, call);
  if (accessor) return accessor.kind === 'read' ? cachePlace(context.symbols, accessor.member) : null;
  const indexed = indexedCall(context, call);
  if (indexed) {
    if (indexed.value !== null || !/read|write/.test(indexed.callee.kind)) return null;
    return slotPlace(context, indexed.callee.storage, indexed.index);
  }
  const name = calleeName(context, call);
  const hardware = placesOf(context).functionNamed(name);
  if (hardware?.access === 'read')
    return { kind: hardware.kind, name: fieldName(context, call, hardware.field), register: null };
  const wrapper = context.symbols.wrappers.get(name);
  const [use, another] = wrapper?.uses ?? [];
  return use && !another && use.kind === 'read' ? cachePlace(context.symbols, use.member) : null;
}

/** The arguments of a hardware accessor's call that {@link PlaceFunction} counts: all but a vCPU. */
export function placeArguments(context: FunctionContext, call: CNode): readonly CNode[] {
  return argumentsOf(call).filter((argument) => !holdsVcpu(context, argument));
}

/** The field that a call to a hardware accessor names; through a local pointer, what that points to (`sf->base`). */
export function fieldName(context: FunctionContext, call: CNode, field: number | string): string {
  if (typeof field === 'string') return field;
  const argument = placeArguments(context, call)[field];
  if (!argument) return '';
  const [base, member] = [child(argument, 'argument'), child(argument, 'field')];
  const pointed = base?.type === 'identifier' ? onlyDefinition(context, textOf(context, base)) : null;
  const target =
    pointed && bareExpression(pointed).type === 'pointer_expression'
      ? child(bareExpression(pointed), 'argument')
      : undefined;
  const text = member && target ? `${textOf(context, target)}.${textOf(context, member)}` : textOf(context, argument);
  return text.replace(/\s+/g, ' ');
}

function structPlace(context: FunctionContext, expression: CNode): Place | null {
  const node = bareExpression(expression);
  if (node.type === 'subscript_expression') {
    const array = child(node, 'argument');
    return array ? structPlace(context, array) : null;
  }
  const [base, field] = [child(node, 'argument'), child(node, 'field')];
  if (node.type !== 'field_expression' || !base || !field) return null;
  const place = placesOf(context).structs.get(structOf(context, base) ?? '');
  if (!place) return null;
  const name = `${place.prefix}${textOf(context, field)}`;
  const other = place.kind === 'vmcb' ? otherVmcb(context, base) : null;
  if (other !== null) return { kind: 'nested', name: `${other}.${name}`, register: null };
  const which = /vmcb0[12]/.exec(textOf(context, base))?.[0];
  return { kind: place.kind, name, register: null, ...(which === undefined ? {} : { which }) };
}

/**
 * The VMCB that an expression is part of, where that is not what the guest runs on: what L1 wrote for L2, or KVM's copy of L1's
 * own state while L2 runs (svm/nested.c). Told by the pointer's name, which says it in every era, and by where it is from.
 */
function otherVmcb(context: FunctionContext, expression: CNode, depth = 0): string | null {
  const text = textOf(context, expression);
  if (/vmcb0[12]/.test(text)) return null;
  // A page of the guest's memory that KVM maps (kmap(), nested_svm_map()).
  if (/vmcb12|nested_?vmcb|nested\w*\.(?:save|ctl)\b|\bhva$|^\(?\w*map\(/.test(text)) return 'vmcb12';
  if (/\bhsave\b/.test(text)) return 'hsave';
  const root = rootOf(expression);
  const definition = root.type === 'identifier' ? onlyValue(context, root) : null;
  return definition && depth < MOST_POINTERS ? otherVmcb(context, definition, depth + 1) : null;
}

/** How far a pointer is followed through local variables. */
const MOST_POINTERS = 3;

/** What a chain of members begins with: `vmcb` of `vmcb->save`. */
function rootOf(expression: CNode): CNode {
  const node = bareExpression(expression);
  const base = child(node, 'argument');
  return base ? rootOf(base) : node;
}

/** The value that a local variable has where it is used, if that is one. */
function onlyValue({ tree }: FunctionContext, use: CNode): CNode | null {
  const [only, another] = reachingDefinitions(tree, use).found;
  return only && !another ? only.value : null;
}

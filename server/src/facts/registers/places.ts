import type { Place } from '../../backends/place.js';
import { placeTables, type PlaceTables } from '../../backends/registry.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import { labelsChosen } from '../../syntax/conditions/guard.js';
import { guardsOf } from '../source/guards.js';
import { bareExpression, calleeName, textOf, type FunctionContext } from '../source/expressions.js';
import { structOf } from '../source/expressionTypes.js';
import { CACHE_MEMBER } from '../symbols/cacheNames.js';
import { accessorCall, cacheField, indexedCall, namedRegister, registerArray } from './cacheExpressions.js';
import { placeCall } from './placeCalls.js';
import { isCopiedToVmsa, vmcbOf } from './vmcbs.js';
import { vmcbPlace } from './vmcbPlace.js';
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
      return inner ? (countedSlot(context, inner) ?? placeOf(context, inner)) : null;
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
  const register = namedRegister(context, index) ?? chosenRegister(context, index);
  if (register === null) return anySlotPlace(context.symbols, storage, index ? textOf(context, index) : '');
  return storage === 'cache' ? cachePlace(context.symbols, register) : emulatorPlace(context.symbols, register);
}

/** The register for whose number alone code is: `regs[reg]` under `case VCPU_REGS_RSP` of `switch (reg)`. */
function chosenRegister(context: FunctionContext, index: CNode | undefined): string | null {
  if (index?.type !== 'identifier') return null;
  const name = textOf(context, index);
  const own = guardsOf(context.tree.guards, index).filter((guard) => guard.kind === 'case' && guard.subject === name);
  const [only, another] = labelsChosen(own);
  if (only === undefined || only === null || another !== undefined) return null;
  return context.symbols.registers.byName.get(only)?.name ?? null;
}

/** The slot that is counted from the array's beginning: `*(vcpu->arch.regs + VCPU_REGS_RSP)`. */
function countedSlot(context: FunctionContext, pointer: CNode): Place | null {
  const sum = bareExpression(pointer);
  const [array, index] = [child(sum, 'left'), child(sum, 'right')];
  const isSum = sum.type === 'binary_expression' && child(sum, 'operator')?.type === '+';
  const storage = isSum && array ? registerArray(context, array) : null;
  return storage === null ? null : slotPlace(context, storage, index);
}

function fieldPlace(context: FunctionContext, node: CNode): Place | null {
  const found = cacheField(context, node);
  if (!found) return null;
  const way = wayFromCache(textOf(context, node));
  return cacheFieldPlace(way ?? textOf(context, found.field), found.member);
}

const POINTED_TO = new RegExp(`\\b${CACHE_MEMBER}(?:\\.|->)(?=\\w+->\\S)`);

/** How a field of something that `arch` points to is named: with the way to it, `walk_mmu->pdptrs`; null for other fields. */
function wayFromCache(text: string): string | null {
  const start = POINTED_TO.exec(text);
  if (!start) return null;
  const way = text.slice(start.index + start[0].length);
  const index = way.search(/(?<=\w)\[/);
  if (index >= 0) return way.slice(0, index);
  return /\w$/.test(way) ? way : null;
}

function calledPlace(context: FunctionContext, call: CNode): Place | null {
  const accessor = accessorCall(context, call);
  if (accessor) return accessor.kind === 'read' ? cachePlace(context.symbols, accessor.member) : null;
  const indexed = indexedCall(context, call);
  if (indexed) {
    if (indexed.value !== null || !/read|write/.test(indexed.callee.kind)) return null;
    return slotPlace(context, indexed.callee.storage, indexed.index);
  }
  const hardware = placeCall(context, call);
  if (hardware) return hardware.access === 'read' ? hardware.place : null;
  const wrapper = context.symbols.wrappers.get(calleeName(context, call));
  const [use, another] = wrapper?.uses ?? [];
  return use && !another && use.kind === 'read' ? cachePlace(context.symbols, use.member) : null;
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
  if (place.kind !== 'vmcb') return { kind: place.kind, name, register: null };
  const origin = vmcbOf(context, base);
  if (origin.kind === 'run' && isCopiedToVmsa(context, node, base)) return { kind: 'vmsa', name, register: null };
  return vmcbPlace(name, origin);
}

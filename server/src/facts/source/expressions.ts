import { placeTables, type PlaceTables } from '../../backends/registry.js';
import type { Place } from '../../backends/place.js';
import { anySlotPlace, cacheFieldPlace, cachePlace, emulatorPlace } from '../registers/copies.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import { collapse } from '../../syntax/text/tokens.js';
import type { FunctionTree } from './functionTree.js';
import { structTag } from './functionTree.js';
import { CACHE_ARRAY, CACHE_MEMBER, CACHE_STRUCT, EMULATOR_ARRAY, VCPU_STRUCT } from '../symbols/cacheNames.js';
import type { Accessor, IndexedFunction, TreeSymbols } from '../symbols/treeSymbols.js';

/** A function's tree with the names to read it by. */
export interface FunctionContext {
  readonly tree: FunctionTree;
  readonly symbols: TreeSymbols;
}

/** The text of a node, as the parser saw it: no comments, and no other branch of an `#if`. */
export function textOf({ tree }: Pick<FunctionContext, 'tree'>, node: CNode): string {
  return tree.text.slice(node.start, node.end);
}

/** The text of a node with white space collapsed. */
export function writtenText({ tree }: FunctionContext, node: CNode): string {
  return collapse(tree.text, node.start, node.end);
}

/** What an expression is without parentheses and casts. */
export function bareExpression(node: CNode): CNode {
  if (node.type === 'parenthesized_expression' && node.children.length === 1) {
    const [only] = node.children;
    return only ? bareExpression(only) : node;
  }
  const value = node.type === 'cast_expression' ? child(node, 'value') : castCall(node);
  return value ? bareExpression(value) : node;
}

/** What `(u8)(x)` casts: without its `typedef`, the parser takes it for a call. */
function castCall(node: CNode): CNode | undefined {
  const callee = node.type === 'call_expression' ? child(node, 'function') : undefined;
  const isType = callee?.type === 'parenthesized_expression' && callee.children[0]?.type === 'identifier';
  const [only, another] = isType ? argumentsOf(node) : [];
  return another ? undefined : only;
}

/** The places that are a backend's or everyone's. */
export function placesOf({ symbols }: FunctionContext): PlaceTables {
  return placeTables(symbols.backends);
}

/** The function that a call names, or ''. */
export function calleeName(context: FunctionContext, call: CNode): string {
  const callee = child(call, 'function');
  return callee?.type === 'identifier' ? textOf(context, callee) : '';
}

/** The arguments of a call. */
export function argumentsOf(call: CNode): readonly CNode[] {
  return child(call, 'arguments')?.children ?? [];
}

/** The tag of the struct that an expression is or points to, '' if it is known to be none, null if unknown. */
export function structOf(context: FunctionContext, expression: CNode): string | null {
  const node = bareExpression(expression);
  const { types } = context.symbols;
  switch (node.type) {
    case 'identifier':
      return context.tree.variables.get(textOf(context, node)) ?? null;
    case 'field_expression': {
      const [base, field] = [child(node, 'argument'), child(node, 'field')];
      if (!base || !field) return null;
      const name = textOf(context, field);
      const holder = structOf(context, base);
      const known = holder === null ? undefined : types.members.get(holder)?.get(name);
      return (
        known ??
        placesOf(context).members.get(name) ??
        (name === CACHE_MEMBER && isVcpu(context, base) ? CACHE_STRUCT : null)
      );
    }
    case 'call_expression': {
      const name = calleeName(context, node);
      if (name === 'container_of') return structTag(`struct ${textOf(context, argumentsOf(node)[1] ?? node).trim()}`);
      return types.returns.get(name) ?? null;
    }
    case 'pointer_expression':
    case 'subscript_expression': {
      const inner = child(node, 'argument');
      return inner ? structOf(context, inner) : null;
    }
    case 'conditional_expression': {
      const either = child(node, 'consequence') ?? child(node, 'alternative');
      return either ? structOf(context, either) : null;
    }
    default:
      return null;
  }
}

function isVcpu(context: FunctionContext, expression: CNode): boolean {
  const struct = structOf(context, expression);
  if (struct !== null) return struct === VCPU_STRUCT;
  // The type's header may be absent; by KVM's habit every vCPU variable and member is called so.
  return /\bvcpu$/.test(textOf(context, expression));
}

/** Whether an expression is a vCPU's `arch`. */
export function isVcpuArch(context: FunctionContext, expression: CNode): boolean {
  const node = bareExpression(expression);
  if (structOf(context, node) === CACHE_STRUCT) return true;
  const [base, field] = [child(node, 'argument'), child(node, 'field')];
  return !!base && !!field && textOf(context, field) === CACHE_MEMBER && isVcpu(context, base);
}

/** Which array of registers an expression is: `vcpu->arch.regs`, `ctxt->_regs`, or a local pointer to one. */
export function registerArray(context: FunctionContext, expression: CNode): 'cache' | 'emulator' | null {
  const node = bareExpression(expression);
  if (node.type === 'identifier') {
    const definition = onlyDefinition(context, textOf(context, node));
    return definition ? registerArray(context, definition) : null;
  }
  const [base, field] = [child(node, 'argument'), child(node, 'field')];
  if (node.type === 'pointer_expression' && base) return registerArray(context, base);
  if (node.type !== 'field_expression' || !base || !field) return null;
  const name = textOf(context, field);
  if (name === CACHE_ARRAY && isVcpuArch(context, base)) return 'cache';
  return name === EMULATOR_ARRAY ? 'emulator' : null;
}

/** The value of a local variable that gets one where it is declared, and no other. */
function onlyDefinition(context: FunctionContext, name: string): CNode | null {
  const [only, another] = context.tree.definitions.get(name) ?? [];
  return only?.isInitial && !another ? only.value : null;
}

/** The field of the cache that an expression is (`vcpu->arch.cr3`, `vcpu->arch.pdptrs[0]`), as its field node and register. */
export function cacheField(
  context: FunctionContext,
  expression: CNode,
): { readonly field: CNode; readonly member: string } | null {
  const node = bareExpression(expression);
  const base = child(node, 'argument');
  if (node.type === 'subscript_expression' && base) return cacheField(context, base);
  const field = node.type === 'field_expression' ? child(node, 'field') : undefined;
  if (!base || !field) return null;
  const known = context.symbols.fields.get(textOf(context, field));
  if (!known) return null;
  const isHeld =
    known.holder === CACHE_STRUCT
      ? isVcpuArch(context, base) || isReachedFromArch(context, base)
      : structOf(context, base) === known.holder;
  return isHeld ? { field, member: known.member } : null;
}

/** `vcpu->arch.walk_mmu`, in a tree whose header with the types is absent. */
function isReachedFromArch(context: FunctionContext, expression: CNode): boolean {
  if (context.symbols.types.members.has(CACHE_STRUCT)) return false;
  const base = child(bareExpression(expression), 'argument');
  return base !== undefined && isVcpuArch(context, base);
}

/** The enum member that an index names, or null for one that only run time knows. */
export function namedRegister(context: FunctionContext, index: CNode | undefined): string | null {
  if (!index) return null;
  const node = bareExpression(index);
  if (node.type !== 'identifier') return null;
  const name = textOf(context, node);
  const member = context.symbols.registers.byName.get(name) ?? context.symbols.registers.numberMacros.get(name);
  return member?.name ?? null;
}

/** A call of a function that takes a register's number. */
interface IndexedCall {
  readonly callee: IndexedFunction;
  readonly index: CNode;
  readonly value: CNode | null;
}

/** The indexed function that a call calls, with its arguments, or null. */
export function indexedCall(context: FunctionContext, node: CNode): IndexedCall | null {
  if (node.type !== 'call_expression') return null;
  const callee = context.symbols.indexed.get(calleeName(context, node));
  const given = argumentsOf(node);
  const index = callee ? given[callee.parameter] : undefined;
  if (!callee || !index) return null;
  return { callee, index, value: callee.value === null ? null : (given[callee.value] ?? null) };
}

/** The accessor that a call calls, or null. */
export function accessorCall(context: FunctionContext, node: CNode): Accessor | null {
  return node.type === 'call_expression' ? (context.symbols.accessors.get(calleeName(context, node)) ?? null) : null;
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
  if (register === null) return anySlotPlace(storage, index ? textOf(context, index) : '');
  return storage === 'cache' ? cachePlace(context.symbols, register) : emulatorPlace(register);
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

/** The field that a call to a hardware accessor names; through a local pointer, what that points to (`sf->base`). */
export function fieldName(context: FunctionContext, call: CNode, field: number | string): string {
  if (typeof field === 'string') return field;
  const argument = argumentsOf(call)[field];
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
  // KVM calls L1's VMCB vmcb12, whatever its type (svm/nested.c).
  const isNested = place.kind === 'vmcb' && /vmcb12|nested\w*\.save/.test(textOf(context, base));
  if (isNested) return { kind: 'nested', name: `vmcb12.${name}`, register: null };
  const which = /vmcb0[12]/.exec(textOf(context, base))?.[0];
  return { kind: place.kind, name, register: null, ...(which === undefined ? {} : { which }) };
}

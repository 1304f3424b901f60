import { child, type CNode } from '../../syntax/c/cTree.js';
import {
  argumentsOf,
  bareExpression,
  calleeName,
  onlyDefinition,
  textOf,
  type FunctionContext,
} from '../source/expressions.js';
import { isVcpuArch, structOf } from '../source/expressionTypes.js';
import { CACHE_ARRAY, CACHE_STRUCT, EMULATOR_ARRAY, EMULATOR_STRUCT, VCPU_STRUCT } from '../symbols/cacheNames.js';
import type { Accessor, IndexedFunction } from '../symbols/treeSymbols.js';

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
  return name === EMULATOR_ARRAY || (name === CACHE_ARRAY && isEmulatorPart(context, base)) ? 'emulator' : null;
}

/** Whether an expression is a struct that is a member of the emulator's context: `ctxt->decode`. */
function isEmulatorPart(context: FunctionContext, expression: CNode): boolean {
  const struct = structOf(context, expression);
  const parts = context.symbols.types.members.get(EMULATOR_STRUCT);
  // The context has a pointer to its vCPU in some eras, which is no part of it.
  if (struct === null || struct === '' || struct === VCPU_STRUCT) return false;
  return parts !== undefined && [...parts.values()].includes(struct);
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

import { placeTables } from '../../backends/registry.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import { CACHE_MEMBER, CACHE_STRUCT, VCPU_STRUCT } from '../symbols/cacheNames.js';
import { argumentsOf, bareExpression, calleeName, textOf, type FunctionContext } from './expressions.js';
import { structTag } from './functionTree.js';

/** The tag of the struct that an expression is or points to, '' if it is known to be none, null if unknown. */
export function structOf(context: FunctionContext, expression: CNode): string | null {
  const node = bareExpression(expression);
  const { types } = context.symbols;
  switch (node.type) {
    case 'identifier':
      return context.tree.variables.get(textOf(context, node)) ?? null;
    case 'field_expression':
      return memberStruct(context, node);
    case 'call_expression': {
      const name = calleeName(context, node);
      if (name === 'container_of') return structTag(`struct ${textOf(context, argumentsOf(node)[1] ?? node).trim()}`);
      return types.returns.get(name) ?? castStruct(context, name);
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

/** The struct that a macro with parameters casts to: `((struct kvm_vcpu *)(ctxt)->vcpu)`; null for any other. */
function castStruct({ symbols }: FunctionContext, macro: string): string | null {
  const body = (symbols.macros.get(macro)?.definition.body ?? []).map(({ text }) => text);
  const [open, cast, keyword, tag, star, close] = body;
  const isCast = open === '(' && cast === '(' && keyword === 'struct' && star === '*' && close === ')';
  return isCast && tag !== undefined ? tag : null;
}

function memberStruct(context: FunctionContext, expression: CNode): string | null {
  const [base, field] = [child(expression, 'argument'), child(expression, 'field')];
  if (!base || !field) return null;
  const name = textOf(context, field);
  const holder = structOf(context, base);
  const known = holder === null ? undefined : context.symbols.types.members.get(holder)?.get(name);
  return (
    known ??
    placeTables(context.symbols.backends).members.get(name) ??
    (name === CACHE_MEMBER && isVcpu(context, base) ? CACHE_STRUCT : null)
  );
}

function isVcpu(context: FunctionContext, expression: CNode): boolean {
  const struct = structOf(context, expression);
  if (struct !== null) return struct === VCPU_STRUCT;
  // The type's header may be absent; by KVM's habit every vCPU variable and member is called so.
  return /\bvcpu$/.test(textOf(context, expression));
}

/** Whether an expression is a vCPU, or a vendor's struct with one in it (`struct vcpu_vmx`). */
export function holdsVcpu(context: FunctionContext, expression: CNode): boolean {
  const members = context.symbols.types.members.get(structOf(context, expression) ?? '');
  return isVcpu(context, expression) || [...(members?.values() ?? [])].includes(VCPU_STRUCT);
}

/** Whether an expression is a vCPU's `arch`. */
export function isVcpuArch(context: FunctionContext, expression: CNode): boolean {
  const node = bareExpression(expression);
  if (structOf(context, node) === CACHE_STRUCT) return true;
  const [base, field] = [child(node, 'argument'), child(node, 'field')];
  return !!base && !!field && textOf(context, field) === CACHE_MEMBER && isVcpu(context, base);
}

import type { Guard } from '../../syntax/conditions/guard.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import { argumentsOf, bareExpression, calleeName, textOf, writtenText, type FunctionContext } from './expressions.js';
import { structOf } from './expressionTypes.js';
import { OPERATIONS_STRUCT } from '../symbols/opsTables.js';
import { OPERATION_PREFIX } from '../symbols/vmEntryPathNames.js';
import { guardsOf } from './guards.js';

/** A call in a function that was parsed. */
export interface CallFact {
  /** The function's name; or, for a call by way of an ops table, the member's: `cache_reg`. */
  readonly callee: string;
  readonly isOperation: boolean;
  /** The struct of the table that an operation is called from; null where that is not told. */
  readonly table: string | null;
  readonly offset: number;
  readonly guards: readonly Guard[];
  /** The arguments as written. */
  readonly arguments: readonly string[];
}

/**
 * The calls of a function. A call through `ops->cache_reg(...)`, `static_call(kvm_x86_cache_reg)(...)` or
 * `kvm_x86_call(cache_reg)(...)` names the operation.
 */
export function callFacts(context: FunctionContext): CallFact[] {
  const calls: CallFact[] = [];
  for (const node of context.tree.nodes) {
    if (node.type !== 'call_expression' || context.tree.isRepeated(node.start)) continue;
    const callee = child(node, 'function');
    if (!callee) continue;
    const named = calledName(context, callee);
    if (!named) continue;
    const given = argumentsOf(node).map((argument) => writtenText(context, argument));
    calls.push({ ...named, offset: node.start, guards: guardsOf(context.tree.guards, node), arguments: given });
  }
  return calls;
}

function calledName(
  context: FunctionContext,
  callee: CNode,
): Pick<CallFact, 'callee' | 'isOperation' | 'table'> | null {
  if (callee.type === 'identifier') return { callee: writtenText(context, callee), isOperation: false, table: null };
  if (callee.type === 'field_expression') {
    const [base, field] = [child(callee, 'argument'), child(callee, 'field')];
    const table = base ? tableStruct(context, base) : null;
    return field ? { callee: writtenText(context, field), isOperation: true, table } : null;
  }
  // A call whose function is itself a call of one name: a macro around a static call.
  if (callee.type !== 'call_expression') return null;
  const [only, more] = argumentsOf(callee);
  if (only?.type !== 'identifier' || more) return null;
  const table = pastesOperation(context, calleeName(context, callee)) ? OPERATIONS_STRUCT : null;
  return { callee: writtenText(context, only), isOperation: true, table };
}

/** Whether a macro makes the name of a static call of KVM's operations: `static_call(kvm_x86_##func)`. */
export function pastesOperation({ symbols }: FunctionContext, macro: string): boolean {
  const body = symbols.macros.get(macro)?.definition.body ?? [];
  return body.some(({ text }, i) => text === OPERATION_PREFIX && body[i + 1]?.text === '##');
}

/** The struct of the table that an expression is or points to; a global table may be called after its struct. */
function tableStruct(context: FunctionContext, expression: CNode): string | null {
  const struct = structOf(context, expression);
  if (struct !== null) return struct === '' ? null : struct;
  const name = textOf(context, bareExpression(expression));
  return context.symbols.types.members.has(name) ? name : null;
}

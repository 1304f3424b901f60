import { child, type CNode } from '../syntax/cTree.js';
import { argumentsOf, writtenText, type Reading } from './expressions.js';
import { guardsOf } from './guards.js';

/** A call in a function that was parsed. */
export interface CallFact {
  /** The function's name; or, for a call by way of an ops table, the member's: `cache_reg`. */
  readonly callee: string;
  readonly isOperation: boolean;
  readonly offset: number;
  readonly guards: readonly string[];
  /** The arguments as written. */
  readonly arguments: readonly string[];
}

/**
 * The calls of a function. A call through `ops->cache_reg(...)`, `static_call(kvm_x86_cache_reg)(...)` or
 * `kvm_x86_call(cache_reg)(...)` names the operation.
 */
export function callFacts(reading: Reading): CallFact[] {
  const calls: CallFact[] = [];
  for (const node of reading.tree.nodes) {
    if (node.type !== 'call_expression' || reading.tree.isRepeated(node.start)) continue;
    const callee = child(node, 'function');
    if (!callee) continue;
    const named = calledName(reading, callee);
    if (!named) continue;
    const given = argumentsOf(node).map((argument) => writtenText(reading, argument));
    calls.push({ ...named, offset: node.start, guards: guardsOf(reading.tree.guards, node), arguments: given });
  }
  return calls;
}

function calledName(
  reading: Reading,
  callee: CNode,
): { readonly callee: string; readonly isOperation: boolean } | null {
  if (callee.type === 'identifier') return { callee: writtenText(reading, callee), isOperation: false };
  if (callee.type === 'field_expression') {
    const field = child(callee, 'field');
    return field ? { callee: writtenText(reading, field), isOperation: true } : null;
  }
  // A call whose function is itself a call of one name: a macro around a static call.
  if (callee.type !== 'call_expression') return null;
  const [only, more] = argumentsOf(callee);
  return only?.type === 'identifier' && !more ? { callee: writtenText(reading, only), isOperation: true } : null;
}

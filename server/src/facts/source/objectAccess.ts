import { child, type CNode } from '../../syntax/c/cTree.js';
import { argumentsOf, calleeName, type FunctionContext } from './expressions.js';

/** What code does to an object. */
export type Access = 'read' | 'write' | 'readwrite' | 'address';

/** A use of a macro or function of the kernel that reads or writes just the object which it is given. */
interface ObjectAccess {
  readonly access: 'read' | 'write' | 'readwrite';
  /** The object, or the expression of its address. */
  readonly object: CNode;
  /** What is written; null where nothing is. */
  readonly value: CNode | null;
}

/** By name: asm-generic/rwonce.h, asm/barrier.h, linux/atomic/atomic-instrumented.h. Each takes the object or its address first. */
const ACCESSES: ReadonlyMap<string, 'read' | 'write' | 'readwrite'> = new Map([
  ['READ_ONCE', 'read'],
  ['ACCESS_ONCE', 'read'],
  ['smp_load_acquire', 'read'],
  ['WRITE_ONCE', 'write'],
  ['smp_store_release', 'write'],
  ['smp_store_mb', 'write'],
  ['xchg', 'readwrite'],
]);

/** What a call does to the object that it is given; null for any other call. */
export function objectAccess(context: FunctionContext, call: CNode): ObjectAccess | null {
  const access = call.type === 'call_expression' ? ACCESSES.get(calleeName(context, call)) : undefined;
  const [object, value] = access === undefined ? [] : argumentsOf(call);
  return access !== undefined && object ? { access, object, value: value ?? null } : null;
}

/** The two objects that a call exchanges, `swap(a, b)` (linux/minmax.h); null for any other call. */
export function exchanged(context: FunctionContext, call: CNode): readonly [CNode, CNode] | null {
  if (call.type !== 'call_expression' || calleeName(context, call) !== 'swap') return null;
  const [one, other] = argumentsOf(call);
  return one && other ? [one, other] : null;
}

/** How an lvalue is used where it stands: assigned to, updated, its address taken, or read. */
export function accessOf(context: FunctionContext, node: CNode): Access {
  const above = node.parent;
  if (!above) return 'read';
  switch (above.type) {
    case 'parenthesized_expression':
      return accessOf(context, above);
    case 'subscript_expression':
      return node.field === 'argument' ? accessOf(context, above) : 'read';
    case 'pointer_expression':
      return child(above, 'operator')?.type === '&' ? (givenAccess(context, above) ?? 'address') : 'read';
    case 'assignment_expression':
      if (node.field !== 'left') return 'read';
      return child(above, 'operator')?.type === '=' ? 'write' : 'readwrite';
    case 'update_expression':
      return 'readwrite';
    default:
      return givenAccess(context, node) ?? 'read';
  }
}

/** What the call does that an object, or its address, is given to; null where it is given to none, or that is not known. */
function givenAccess(context: FunctionContext, given: CNode): Access | null {
  const call = given.parent?.type === 'argument_list' ? given.parent.parent : null;
  if (!call) return null;
  if (exchanged(context, call)?.includes(given)) return 'readwrite';
  const access = objectAccess(context, call);
  return access?.object === given ? access.access : null;
}

import { child, type CNode } from '../../syntax/c/cTree.js';
import { argumentsOf, calleeName, textOf, withCasts, type FunctionContext } from '../source/expressions.js';
import { accessOf } from '../source/objectAccess.js';
import { indexedCall, registerArray } from './cacheExpressions.js';
import { BIT_MACRO, bitmapKind, shiftedBitKind } from './registerBits.js';
import type { Reference, ReferenceKind } from './reference.js';

/** The call or array that an enumerator stands in. */
export function enumeratorUse(context: FunctionContext, identifier: CNode): Pick<Reference, 'callee' | 'storage'> {
  let above = identifier.parent;
  // `regs[VCPU_REGS_R8 + index]`
  if (above?.type === 'binary_expression' && above.field === 'index') above = above.parent;
  if (above?.type === 'subscript_expression') {
    const array = child(above, 'argument');
    return { storage: array ? registerArray(context, array) : null };
  }
  const call = above?.type === 'argument_list' ? above.parent : null;
  return call?.type === 'call_expression' ? calledWith(context, call) : {};
}

function calledWith(context: FunctionContext, call: CNode): Pick<Reference, 'callee' | 'storage'> {
  const callee = child(call, 'function');
  const [only] = callee?.type === 'call_expression' ? argumentsOf(callee) : [];
  const name = only ? textOf(context, only) : calleeName(context, call);
  const storage = context.symbols.indexed.get(name)?.storage;
  return { ...calleeOf(name, only ?? callee), ...(storage ? { storage } : {}) };
}

export function enumeratorKind(context: FunctionContext, identifier: CNode): ReferenceKind {
  const node = withCasts(identifier);
  const above = node.parent;
  switch (above?.type) {
    case 'subscript_expression':
      return node.field === 'index' ? accessOf(context, above) : 'other';
    case 'case_statement':
      return 'case';
    case 'binary_expression':
      return child(above, 'operator')?.type === '<<' && node.field === 'right'
        ? maskKind(context, identifier)
        : (shiftedBitKind(context, identifier) ?? 'other');
    case 'argument_list':
      return above.parent?.type === 'call_expression' ? argumentKind(context, above.parent, node) : 'argument';
    default:
      return 'other';
  }
}

/** What is done with a register's bit; clearing some is told of the whole mask (`BitmapChange`). */
function maskKind(context: FunctionContext, number: CNode): ReferenceKind {
  const kind = shiftedBitKind(context, number);
  return kind === null || kind === 'mark-reload' ? 'mask' : kind;
}

function argumentKind(context: FunctionContext, call: CNode, argument: CNode): ReferenceKind {
  if (BIT_MACRO.test(calleeName(context, call))) return maskKind(context, argument);
  const indexed = indexedCall(context, call);
  if (indexed?.index === argument) return indexed.callee.kind;
  return (argumentsOf(call)[0] === argument ? bitmapKind(context, call) : null) ?? 'argument';
}

/** The function that something is given to; nothing for one without a name. */
export function calleeOf(name: string, node: CNode | undefined): Pick<Reference, 'callee'> {
  return name === '' || !node ? {} : { callee: { name, start: node.start } };
}

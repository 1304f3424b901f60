import { statementOf } from '../source/cStatements.js';
import { ancestors, child, type CNode } from '../../syntax/c/cTree.js';
import type { Span } from '../../syntax/text/sourceText.js';
import { argumentsOf, bareExpression, calleeName, textOf, type FunctionContext } from '../source/expressions.js';
import { cacheField, indexedCall, namedRegister, registerArray } from './cacheExpressions.js';
import { guardsOf } from '../source/guards.js';
import { accessOf } from '../source/objectAccess.js';
import { runtimeIndex } from './runtimeIndex.js';
import { calleeOf, enumeratorKind, enumeratorUse } from './enumeratorReferences.js';
import type { Reference, ReferenceKind } from './reference.js';

/** The references in a function. What the parser put where something is missing has no text, and is none. */
export function functionReferences(context: FunctionContext): Reference[] {
  const found: Reference[] = [];
  for (const node of context.tree.nodes) {
    if (context.tree.isRepeated(node.start)) continue;
    found.push(...referencesAt(context, node).filter(({ start, end }) => start < end));
  }
  return found;
}

/** A reference as its expression tells it; `at` is what is marked. What holds for every reference in a function comes to that. */
type FoundReference = Pick<Reference, 'register' | 'kind' | 'via'> & Partial<Reference> & { readonly at: Span };

function referencesAt(context: FunctionContext, node: CNode): Reference[] {
  return foundAt(context, node).map(({ at, ...found }) => ({
    start: at.start,
    end: at.end,
    function: context.tree.source.name,
    guards: guardsOf(context.tree.guards, node),
    isIndirect: false,
    statement: statementOf(node),
    ...found,
  }));
}

function foundAt(context: FunctionContext, node: CNode): readonly FoundReference[] {
  switch (node.type) {
    case 'identifier':
      return enumeratorReference(context, node);
    case 'call_expression':
      return callReferences(context, node);
    case 'pointer_expression':
      return arrayAddress(context, node);
    case 'subscript_expression':
      return slotReference(context, node);
    case 'field_expression':
      return fieldReference(context, node);
    default:
      return [];
  }
}

function enumeratorReference(context: FunctionContext, node: CNode): readonly FoundReference[] {
  const register = namedRegister(context, node);
  if (register === null) return [];
  const kind = enumeratorKind(context, node);
  return [{ at: node, register, kind, via: textOf(context, node), ...enumeratorUse(context, node) }];
}

function callReferences(context: FunctionContext, node: CNode): readonly FoundReference[] {
  const callee = child(node, 'function');
  const name = calleeName(context, node);
  const accessor = context.symbols.accessors.get(name);
  if (callee && accessor) return [{ at: callee, register: accessor.member, kind: accessor.kind, via: name }];
  const wrapper = context.symbols.wrappers.get(name);
  if (callee && wrapper)
    return wrapper.uses.map(({ member, kind }) => ({
      at: callee,
      register: member,
      kind,
      via: name,
      isIndirect: true,
    }));
  const indexed = indexedCall(context, node);
  if (!indexed || namedRegister(context, indexed.index) !== null || isPassedOn(context, indexed.index)) return [];
  const index = runtimeIndex(context, indexed.index);
  const { kind } = indexed.callee;
  return [{ at: indexed.index, register: null, kind, via: index.text, index, ...calleeOf(name, callee) }];
}

function arrayAddress(context: FunctionContext, node: CNode): readonly FoundReference[] {
  const array = child(node, 'argument');
  const field = array ? arrayField(context, array) : null;
  if (!field || child(node, 'operator')?.type !== '&') return [];
  const call = [...ancestors(node)].find((above) => above.type === 'call_expression');
  const callee = call ? calleeOf(calleeName(context, call), child(call, 'function')) : {};
  const via = 'address of every GPR';
  return [{ at: field, register: null, kind: 'address', via, storage: 'cache', ...callee }];
}

function slotReference(context: FunctionContext, node: CNode): readonly FoundReference[] {
  const [array, index] = [child(node, 'argument'), child(node, 'index')];
  const storage = array ? registerArray(context, array) : null;
  if (!index || storage === null || namedRegister(context, index) !== null) return [];
  const decoded = runtimeIndex(context, index);
  return [{ at: index, register: null, kind: accessOf(context, node), via: decoded.text, index: decoded, storage }];
}

function fieldReference(context: FunctionContext, node: CNode): readonly FoundReference[] {
  const found = cacheField(context, node);
  if (!found) return [];
  const { field, member } = found;
  const kind = fieldAccess(context, node);
  const via = `arch.${textOf(context, field)}`;
  return [{ at: field, register: member, kind, via, isIndirect: true, storage: 'cache', ...maskOf(context, node) }];
}

function maskOf(context: FunctionContext, field: CNode): Pick<Reference, 'mask'> {
  const above = field.parent;
  const isMasked = above?.type === 'binary_expression' && child(above, 'operator')?.type === '&';
  const mask = isMasked && field.field === 'left' ? child(above, 'right') : undefined;
  return mask ? { mask: textOf(context, mask) } : {};
}

/** How a field is used: as an lvalue, as what memcpy() or memset() writes to, or for its size alone. */
function fieldAccess(context: FunctionContext, field: CNode): ReferenceKind {
  if (isSized(context, field)) return 'other';
  const call = field.parent?.type === 'argument_list' ? field.parent.parent : null;
  const isFilled = call?.type === 'call_expression' && /^mem(?:cpy|set|move)$/.test(calleeName(context, call));
  return isFilled && argumentsOf(call)[0] === field ? 'write' : accessOf(context, field);
}

/** Whether only the size of a field is asked for: `sizeof(vcpu->arch.pdptrs)`, `ARRAY_SIZE(...)`. */
function isSized(context: FunctionContext, field: CNode): boolean {
  const holder = field.parent?.parent;
  return (
    holder?.type === 'sizeof_expression' ||
    (holder?.type === 'call_expression' && calleeName(context, holder) === 'ARRAY_SIZE')
  );
}

/** The name of the cache's array in an expression that is the whole array, or null. */
function arrayField(context: FunctionContext, expression: CNode): CNode | null {
  const node = bareExpression(expression);
  if (node.type !== 'field_expression' || registerArray(context, node) !== 'cache') return null;
  return child(node, 'field') ?? null;
}

/** Inside a function that takes a register's number, the number is not decoded: its callers say what it is. */
function isPassedOn(context: FunctionContext, index: CNode): boolean {
  const own = context.symbols.indexed.get(context.tree.source.name);
  return own !== undefined && textOf(context, bareExpression(index)) === context.tree.parameters[own.parameter]?.name;
}

import { ancestors, child, descendants, type CNode } from '../../syntax/c/cTree.js';
import { argumentsOf, bareExpression, textOf, withCasts, type FunctionContext } from '../source/expressions.js';
import { indexedCall, registerArray } from '../registers/cacheExpressions.js';
import { bitmapKind, shiftedBitKind } from '../registers/registerBits.js';
import type { IndexedFunction, IndexedKind } from './treeSymbols.js';

/** What a function does with a parameter that is a register's number. */
type IndexedSummary = Pick<IndexedFunction, 'parameter' | 'value' | 'kind' | 'storage'>;

/**
 * Derives what a function does to the register whose number one of its parameters is; null when it does not read, write,
 * mark or test that register and nothing else. A function that looks at the number (`switch (reg)`) does more.
 */
export function indexedKind(context: FunctionContext): IndexedSummary | null {
  for (const [parameter, { name }] of context.tree.parameters.entries()) {
    if (name === '') continue;
    const uses = context.tree.nodes.filter((node) => node.type === 'identifier' && textOf(context, node) === name);
    if (uses.length === 0 || uses.some(isSwitchedOn)) continue;
    const summary = valueSummary(context, parameter, uses) ?? markSummary(context, parameter, uses);
    if (summary) return summary;
  }
  return null;
}

function isSwitchedOn(use: CNode): boolean {
  return use.parent?.parent?.type === 'switch_statement' && use.parent.field === 'condition';
}

function valueSummary(context: FunctionContext, parameter: number, uses: readonly CNode[]): IndexedSummary | null {
  const kinds = new Set<'read' | 'write'>();
  let storage: 'cache' | 'emulator' = 'cache';
  let value: number | null = null;
  for (const use of uses) {
    const slot = slotOf(context, use);
    if (!slot) continue;
    const isReturned = isReturnedValue(slot.node);
    const given = slot.written ? parameterOf(context, slot.written) : -1;
    if (given >= 0) {
      kinds.add('write');
      value = given;
    } else if (isReturned) {
      for (const kind of RETURNED_KINDS[slot.kind]) kinds.add(kind);
    } else if (slot.kind === 'read' && slot.node.parent?.type === 'expression_statement') {
      // reg_rmw(): a read for its effect, then the address to write to.
      kinds.add('read');
    } else continue;
    storage = slot.storage;
  }
  if (kinds.size === 0) return null;
  const kind = kinds.size === 2 ? 'readwrite' : kinds.has('read') ? 'read' : 'write';
  return { parameter, value, kind, storage };
}

/** What a function does to the slot that it returns, or returns the address of. */
const RETURNED_KINDS: Readonly<Record<Slot['kind'], readonly ('read' | 'write')[]>> = {
  slot: ['read'],
  address: ['write'],
  read: ['read'],
  write: ['write'],
  readwrite: ['read', 'write'],
};

interface Slot {
  /** The whole expression that stands for the slot. */
  readonly node: CNode;
  readonly kind: 'slot' | 'address' | 'read' | 'write' | 'readwrite';
  readonly storage: 'cache' | 'emulator';
  /** What is written to it, if something is. */
  readonly written: CNode | null;
}

/** The register's slot that a use of the number stands in: `regs[nr]`, `&_regs[nr]`, or a call that gives it. */
function slotOf(context: FunctionContext, use: CNode): Slot | null {
  const holder = withCasts(use).parent;
  const isIndex = holder?.type === 'subscript_expression' && use.field !== 'argument';
  return isIndex ? elementSlot(context, holder) : calledSlot(context, use);
}

/** The slot that an element of a register array is. */
function elementSlot(context: FunctionContext, element: CNode): Slot | null {
  const array = child(element, 'argument');
  const storage = array ? registerArray(context, array) : null;
  if (storage === null) return null;
  const above = withCasts(element).parent;
  if (above?.type === 'pointer_expression' && child(above, 'operator')?.type === '&')
    return { node: above, kind: 'address', storage, written: null };
  const isWritten = above?.type === 'assignment_expression' && element.field === 'left';
  return { node: element, kind: 'slot', storage, written: (isWritten ? child(above, 'right') : null) ?? null };
}

/** The slot that a function gives for the number. */
function calledSlot(context: FunctionContext, use: CNode): Slot | null {
  const call = [...ancestors(use)].find((node) => node.type === 'call_expression');
  const indexed = call ? indexedCall(context, call) : null;
  if (!call || !indexed || bareExpression(indexed.index) !== use) return null;
  const { kind, storage } = indexed.callee;
  if (kind !== 'read' && kind !== 'write' && kind !== 'readwrite') return null;
  return { node: call, kind, storage, written: indexed.value };
}

/** The parameter that an expression is, perhaps masked: `val`, `val & kvm_reg_mode_mask(vcpu)`; -1 for any other. */
function parameterOf(context: FunctionContext, expression: CNode): number {
  const node = bareExpression(expression);
  const left = node.type === 'binary_expression' ? child(node, 'left') : undefined;
  if (left) return parameterOf(context, left);
  return node.type === 'identifier'
    ? context.tree.parameters.findIndex((parameter) => parameter.name === textOf(context, node))
    : -1;
}

/** Whether an expression's value is what the function returns, perhaps masked or by way of a variable. */
function isReturnedValue(node: CNode): boolean {
  let below = node;
  for (const above of ancestors(node)) {
    if (above.type === 'return_statement') return true;
    if (above.type === 'init_declarator' || (above.type === 'assignment_expression' && below.field === 'right'))
      return isReturnedVariable(above);
    const passes =
      above.type === 'parenthesized_expression' ||
      above.type === 'cast_expression' ||
      (above.type === 'binary_expression' && child(above, 'operator')?.type === '&') ||
      (above.type === 'conditional_expression' && below.field !== 'condition');
    if (!passes) return false;
    below = above;
  }
  return false;
}

/** Whether the variable that a definition sets is returned as it is, masked or cast. */
function isReturnedVariable(definition: CNode): boolean {
  const target = [...descendants(definition)].find((node) => node.type === 'identifier');
  const root = [...ancestors(definition)].at(-1);
  if (!target || !root) return false;
  const length = target.end - target.start;
  return [...descendants(root)].some(
    (node) =>
      node.type === 'identifier' && node.start > definition.end && node.end - node.start === length && isInReturn(node),
  );
}

function isInReturn(node: CNode): boolean {
  for (const above of ancestors(node)) {
    if (above.type === 'return_statement') return true;
    if (above.type === 'call_expression' || above.type.endsWith('_statement')) return false;
  }
  return false;
}

/** By how much a kind says; a function that sets both bits marks dirty (dirty implies available). */
const STRONGEST: readonly IndexedKind[] = [
  'mark-dirty',
  'mark-reload',
  'test-dirty',
  'test-available',
  'mark-available',
];

function markSummary(context: FunctionContext, parameter: number, uses: readonly CNode[]): IndexedSummary | null {
  const kinds = new Set<IndexedKind>();
  for (const use of uses) {
    const kind = shiftedBitKind(context, use) ?? calledKind(context, use);
    if (kind === null || !STRONGEST.includes(kind)) return null;
    kinds.add(kind);
  }
  const kind = STRONGEST.find((k) => kinds.has(k));
  return kind ? { parameter, value: null, kind, storage: 'cache' } : null;
}

/** What the call that a number is given to does with the register's bit; null for any other call. */
function calledKind(context: FunctionContext, use: CNode): IndexedKind | null {
  const call = [...ancestors(use)].find((node) => node.type === 'call_expression');
  if (!call) return null;
  const inner = indexedCall(context, call);
  const [first] = argumentsOf(call);
  const isBit = first !== undefined && bareExpression(first) === use;
  const isNumber = inner !== null && bareExpression(inner.index) === use;
  return (isBit ? bitmapKind(context, call) : null) ?? (isNumber ? inner.callee.kind : null);
}

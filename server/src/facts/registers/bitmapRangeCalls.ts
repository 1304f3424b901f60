import { child, type CNode } from '../../syntax/c/cTree.js';
import { argumentsOf, bareExpression, calleeName, textOf, type FunctionContext } from '../source/expressions.js';
import { maskOf, registersOfBits } from './bitRanges.js';

/** What a call does to a bitmap, as an assignment has it. */
export interface RangeChange {
  /** The expression that is the bitmap. */
  readonly bitmap: CNode;
  readonly operator: string;
  readonly mask: string;
  /** The registers whose bits the mask has; none for all. */
  readonly registers: readonly string[];
}

/** Linux's functions that set or clear a range of a bitmap (linux/bitmap.h): those of all of it start at its first bit. */
const OPERATIONS: ReadonlyMap<string, { readonly sets: boolean; readonly isWhole: boolean }> = new Map([
  ['bitmap_zero', { sets: false, isWhole: true }],
  ['bitmap_fill', { sets: true, isWhole: true }],
  ['bitmap_clear', { sets: false, isWhole: false }],
  ['__bitmap_clear', { sets: false, isWhole: false }],
  ['bitmap_set', { sets: true, isWhole: false }],
  ['__bitmap_set', { sets: true, isWhole: false }],
]);

/** What a call changes in a bitmap; null for any other call, and for one of which it is not known which bits it changes. */
export function rangeChange(context: FunctionContext, call: CNode): RangeChange | null {
  const operation = OPERATIONS.get(calleeName(context, call));
  const [pointer, ...range] = argumentsOf(call);
  if (!operation || !pointer) return null;
  const { sets, isWhole } = operation;
  const [first = '', count = ''] = (isWhole ? ['0'] : []).concat(range.map((argument) => textOf(context, argument)));
  const registers = registersOfBits(context.symbols, first, count);
  const bitmap = pointedAt(pointer);
  const isAll = registers === null ? isWhole : registers.length === numberedRegisters(context);
  if (isAll) return { bitmap, operator: '=', mask: sets ? '~0' : '0', registers: [] };
  if (registers === null || registers.length === 0) return null;
  const mask = maskOf(registers);
  return { bitmap, operator: sets ? '|=' : '&=', mask: sets ? mask : `~${mask}`, registers };
}

function numberedRegisters({ symbols }: FunctionContext): number {
  return symbols.registers.members.filter(({ role, isNumbered }) => role === 'register' && isNumbered).length;
}

/** What an expression points to: `x` of `(unsigned long *)&x`; an array stands for itself. */
function pointedAt(pointer: CNode): CNode {
  const node = bareExpression(pointer);
  const target = node.type === 'pointer_expression' ? child(node, 'argument') : undefined;
  return target ? bareExpression(target) : node;
}

import type { Guard } from '../../syntax/conditions/guard.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import { bareExpression, textOf, writtenText, type FunctionContext } from '../source/expressions.js';
import { isVcpuArch } from '../source/expressionTypes.js';
import { guardsOf } from '../source/guards.js';
import { tokenize } from '../../syntax/text/tokens.js';
import { withBitmapLocals } from './bitmapLocals.js';
import { rangeChange } from './bitmapRangeCalls.js';
import { withRangesWritten } from './bitRanges.js';
import { bitmapNamed, bitNumbers, expandedMask } from './registerBits.js';
import { AVAILABLE_BITMAP, DIRTY_BITMAP } from '../symbols/cacheNames.js';

/** An assignment to one of the cache's bitmaps, `regs_avail &= ~SET`, or a call that is the same: `bitmap_zero(regs_dirty, ...)`. */
export interface BitmapChange {
  readonly bitmap: 'available' | 'dirty';
  /** `=`, `&=` or `|=`. */
  readonly operator: string;
  /** What is assigned, as written but for ranges of bits: the registers of `GENMASK(9, 8)` are written out. */
  readonly mask: string;
  /** The numbers whose bits it has, as written: `VCPU_REGS_RIP` of `1 << VCPU_REGS_RIP`. */
  readonly numbers: readonly string[];
  /** Offset of the mask, or of the call. */
  readonly offset: number;
  readonly guards: readonly Guard[];
}

/** The assignments to the cache's bitmaps in a function. */
export function bitmapChanges(context: FunctionContext): BitmapChange[] {
  const { source, nodes, isRepeated, guards, bitmapLocals } = context.tree;
  if (!source.words.has(AVAILABLE_BITMAP) && !source.words.has(DIRTY_BITMAP)) return [];
  return nodes.flatMap((node): BitmapChange[] => {
    if (node.type === 'call_expression') return isRepeated(node.start) ? [] : calledChange(context, node);
    const [left, value] = node.type === 'assignment_expression' ? [child(node, 'left'), child(node, 'right')] : [];
    const bitmap = left ? bitmapOf(context, left) : null;
    if (!value || bitmap === null || isRepeated(node.start)) return [];
    const { operator, right } = updateOf(context, value, bitmap) ?? { operator: operatorOf(node), right: value };
    const mask = withRangesWritten(context.symbols, writtenText(context, right));
    const numbers = bitNumbers(expandedMask(tokenize(withBitmapLocals(bitmapLocals, mask)), context.symbols)).map(
      ({ text }) => text,
    );
    return [{ bitmap, operator, mask, numbers, offset: right.start, guards: guardsOf(guards, node) }];
  });
}

function calledChange(context: FunctionContext, call: CNode): BitmapChange[] {
  const change = rangeChange(context, call);
  const bitmap = change && bitmapOf(context, change.bitmap);
  if (!change || !bitmap) return [];
  const { operator, mask, registers: numbers } = change;
  return [{ bitmap, operator, mask, numbers, offset: call.start, guards: guardsOf(context.tree.guards, call) }];
}

function operatorOf(node: CNode): string {
  return child(node, 'operator')?.type ?? '=';
}

/** What `regs_avail = regs_avail & mask` does, as `regs_avail &= mask` has it; null for another value. */
function updateOf(
  context: FunctionContext,
  update: CNode,
  bitmap: BitmapChange['bitmap'],
): { readonly operator: string; readonly right: CNode } | null {
  const node = bareExpression(update);
  const [left, right] = [child(node, 'left'), child(node, 'right')];
  if (node.type !== 'binary_expression' || !left || !right) return null;
  const value = withBitmapLocals(context.tree.bitmapLocals, textOf(context, left));
  if (bitmapNamed(value) !== bitmap || !/^[\w.>\-[\]()]+$/.test(value)) return null;
  return /^[&|]$/.test(operatorOf(node)) ? { operator: `${operatorOf(node)}=`, right } : null;
}

/** Which bitmap of a vCPU an lvalue is; where it is an array, its one element stands for it. */
export function bitmapOf(context: FunctionContext, lvalue: CNode): BitmapChange['bitmap'] | null {
  const node = bareExpression(lvalue);
  const [base, field] = [child(node, 'argument'), child(node, 'field')];
  if (node.type === 'subscript_expression') return base ? bitmapOf(context, base) : null;
  const name = field ? textOf(context, field) : '';
  if (!base || (name !== AVAILABLE_BITMAP && name !== DIRTY_BITMAP) || !isVcpuArch(context, base)) return null;
  return name === AVAILABLE_BITMAP ? 'available' : 'dirty';
}

import { child, type CNode } from '../syntax/cTree.js';
import { bareExpression, isVcpuArch, textOf, writtenText, type Reading } from './expressions.js';
import { guardsOf } from './guards.js';
import { AVAILABLE_BITMAP, DIRTY_BITMAP } from './vocabulary.js';

/** An assignment to one of the cache's bitmaps: `regs_avail &= ~SET`. */
export interface BitmapChange {
  readonly bitmap: 'available' | 'dirty';
  /** `=`, `&=` or `|=`. */
  readonly operator: string;
  /** What is assigned, as written. */
  readonly mask: string;
  /** Offset of the mask. */
  readonly offset: number;
  readonly guards: readonly string[];
}

/** The assignments to the cache's bitmaps in a function. */
export function bitmapChanges(reading: Reading): BitmapChange[] {
  const { item, nodes, isRepeated, guards } = reading.tree;
  if (!item.words.has(AVAILABLE_BITMAP) && !item.words.has(DIRTY_BITMAP)) return [];
  return nodes.flatMap((node): BitmapChange[] => {
    const [left, right] = node.type === 'assignment_expression' ? [child(node, 'left'), child(node, 'right')] : [];
    const bitmap = left ? bitmapOf(reading, left) : null;
    if (!right || bitmap === null || isRepeated(node.start)) return [];
    const operator = child(node, 'operator')?.type ?? '=';
    const mask = writtenText(reading, right);
    return [{ bitmap, operator, mask, offset: right.start, guards: guardsOf(guards, node) }];
  });
}

/** Which bitmap of a vCPU an lvalue is; where it is an array, its one element stands for it. */
function bitmapOf(reading: Reading, lvalue: CNode): BitmapChange['bitmap'] | null {
  const node = bareExpression(lvalue);
  const [base, field] = [child(node, 'argument'), child(node, 'field')];
  if (node.type === 'subscript_expression') return base ? bitmapOf(reading, base) : null;
  const name = field ? textOf(reading, field) : '';
  if (!base || (name !== AVAILABLE_BITMAP && name !== DIRTY_BITMAP) || !isVcpuArch(reading, base)) return null;
  return name === AVAILABLE_BITMAP ? 'available' : 'dirty';
}

import { ancestors, child, type CNode } from '../../syntax/c/cTree.js';
import type { Atom } from '../../syntax/conditions/condition.js';
import { expand } from '../../syntax/preprocessor/macroExpansion.js';
import { tokenize, type Token } from '../../syntax/text/tokens.js';
import { argumentsOf, calleeName, textOf, withCasts, type FunctionContext } from '../source/expressions.js';
import { withBitmapLocals } from './bitmapLocals.js';
import { RANGE_MACRO, withRangesWritten, type RangeSymbols } from './bitRanges.js';
import { AVAILABLE_BITMAP, DIRTY_BITMAP } from '../symbols/cacheNames.js';
import type { IndexedKind, TreeSymbols } from '../symbols/treeSymbols.js';

/** The cache's two bitmaps: which registers are available, which are dirty. */
export type Bitmap = 'available' | 'dirty';

/** A test of a register's bit in one of the cache's bitmaps. */
export interface BitTest {
  readonly bit: Bitmap;
  /** The register's number as written: `VCPU_EXREG_CR3`, `reg`. */
  readonly number: string;
}

/** Macros that make a mask of a bit's number (linux/bits.h). */
export const BIT_MACRO = /^BIT(?:_ULL)?$/;

/** Which of the cache's bitmaps an expression names, as written; null for none. */
export function bitmapNamed(expression: string): Bitmap | null {
  if (expression.includes(DIRTY_BITMAP)) return 'dirty';
  return expression.includes(AVAILABLE_BITMAP) ? 'available' : null;
}

/**
 * The register whose bit a condition's atom tests: by a function that takes the number, `test_bit(X, &regs_avail)`, or
 * `regs_avail & (1 << X)`. null for any other condition, and for one that tests several registers.
 */
export function bitTest(symbols: TreeSymbols, atom: Atom): BitTest | null {
  if (atom.kind === 'call') return calledBitTest(symbols, atom.callee, atom.arguments);
  if (atom.kind !== 'bits') return null;
  const [bitmap, mask] = bitmapNamed(atom.value) === null ? [atom.mask, atom.value] : [atom.value, atom.mask];
  const bit = bitmapNamed(bitmap);
  const [number, another] = bit === null ? [] : bitNumbers(expandedMask(tokenize(mask), symbols));
  if (bit !== null && number && !another) return { bit, number: number.text };
  // `(regs_avail >> X) & 1`
  const shifted = bit !== null && /^1[uUlL]*$/.test(mask) ? />>[\s(]*(\w+)[\s)]*$/.exec(bitmap)?.[1] : undefined;
  return bit !== null && shifted !== undefined ? { bit, number: shifted } : null;
}

/** {@link bitTest} of a call. */
export function calledBitTest(symbols: TreeSymbols, callee: string, given: readonly string[]): BitTest | null {
  const indexed = symbols.indexed.get(callee);
  if (indexed?.kind === 'test-available' || indexed?.kind === 'test-dirty') {
    const bit = indexed.kind === 'test-dirty' ? 'dirty' : 'available';
    return { bit, number: given[indexed.parameter] ?? '' };
  }
  const [number = '', bitmap = ''] = given;
  const bit = bitOperation(callee)?.tests ? bitmapNamed(bitmap) : null;
  return bit && { bit, number };
}

/** A mask with its macros expanded, but for those that make it of a bit's number, and with ranges of bits written out. */
export function expandedMask(mask: readonly Token[], symbols: RangeSymbols): Token[] {
  const isKept = (name: string) => name.startsWith('BIT') || RANGE_MACRO.test(name);
  const expanded = expand(mask, (name) => (isKept(name) ? undefined : symbols.macros.get(name)?.definition));
  if (!expanded.some(({ text }) => RANGE_MACRO.test(text))) return expanded;
  return tokenize(withRangesWritten(symbols, expanded.map(({ text }) => text).join(' ')));
}

/** The numbers whose bits an expanded mask is made of: X of `1 << X` and of `BIT(X)`. */
export function bitNumbers(mask: readonly Token[]): Token[] {
  return mask.filter((token, i) => {
    const [before, twoBefore] = [mask[i - 1]?.text, mask[i - 2]?.text ?? ''];
    return token.kind === 'word' && (before === '<<' || (before === '(' && /^BIT|^<<$/.test(twoBefore)));
  });
}

/** What Linux's bit operations (asm/bitops.h) do to a bit; null for those that leave it to a value, as `assign_bit`. */
export function bitOperation(
  name: string,
): { readonly tests: boolean; readonly sets: boolean; readonly clears: boolean } | null {
  if (!name.endsWith('_bit') || !/test|set|clear/.test(name)) return null;
  return { tests: name.includes('test'), sets: name.includes('set'), clears: name.includes('clear') };
}

/** The kind of a bit operation on one of the cache's bitmaps, or null for any other call. */
export function bitmapKind(context: FunctionContext, call: CNode): IndexedKind | null {
  const operation = bitOperation(calleeName(context, call));
  const argument = argumentsOf(call)[1];
  const bitmap = operation && argument ? bitmapMeant(context, argument) : null;
  if (!operation || bitmap === null) return null;
  if (operation.tests) return KINDS[bitmap].test;
  if (operation.sets) return KINDS[bitmap].mark;
  return operation.clears ? 'mark-reload' : null;
}

const KINDS: Readonly<Record<Bitmap, { readonly test: IndexedKind; readonly mark: IndexedKind }>> = {
  available: { test: 'test-available', mark: 'mark-available' },
  dirty: { test: 'test-dirty', mark: 'mark-dirty' },
};

/**
 * What is done with the bit of a register's number: `regs_avail & (1 << X)` and `regs_avail >> X` test it, `|=` marks it,
 * `&= ~(1 << X)` clears it. null where the number makes no such mask, or one of several for a test.
 */
export function shiftedBitKind(context: FunctionContext, number: CNode): IndexedKind | null {
  const tested = shiftedBitmap(context, number);
  if (tested !== null) return KINDS[tested].test;
  const bit = bitOf(context, number);
  return bit && maskKind(context, bit);
}

/** What is done with a mask of bits where it stands. */
function maskKind(context: FunctionContext, bits: CNode): IndexedKind | null {
  const inversion = bits.parent?.type === 'unary_expression' && operatorOf(bits.parent) === '~' ? bits.parent : null;
  const mask = inversion ? withCasts(inversion) : bits;
  const above = mask.parent;
  const bitmap = above && bitmapBeside(context, above, mask);
  if (!above || bitmap === null) return null;
  const operator = operatorOf(above);
  if (inversion) return operator === '&=' ? 'mark-reload' : null;
  if (operator === '&') return KINDS[bitmap].test;
  if (operator === '|') return above.parent && isAssignedTo(context, above.parent, bitmap) ? KINDS[bitmap].mark : null;
  return operator === '|=' ? KINDS[bitmap].mark : null;
}

/** Whether an assignment is to a bitmap: `regs_avail = avail | mask`. */
function isAssignedTo(context: FunctionContext, assignment: CNode, bitmap: Bitmap): boolean {
  const left = assignment.type === 'assignment_expression' ? child(assignment, 'left') : undefined;
  return left !== undefined && bitmapNamed(textOf(context, left)) === bitmap;
}

function operatorOf(node: CNode): string {
  return child(node, 'operator')?.type ?? '';
}

/** The bitmap on the other side of an operation, or null. */
function bitmapBeside(context: FunctionContext, operation: CNode, side: CNode): Bitmap | null {
  const other = child(operation, side.field === 'right' ? 'left' : 'right');
  return other ? bitmapMeant(context, other) : null;
}

/** The bitmap that an expression names, itself or by a local variable that stands for one. */
function bitmapMeant(context: FunctionContext, expression: CNode): Bitmap | null {
  return bitmapNamed(withBitmapLocals(context.tree.bitmapLocals, textOf(context, expression)));
}

/** The bitmap that a number shifts to its lowest bit: `regs_avail >> X`. */
function shiftedBitmap(context: FunctionContext, number: CNode): Bitmap | null {
  const above = withCasts(number).parent;
  const isShift = above?.type === 'binary_expression' && operatorOf(above) === '>>';
  const left = isShift ? child(above, 'left') : undefined;
  return left ? bitmapMeant(context, left) : null;
}

/** The mask of one bit that a number makes: `(1 << X)`, `BIT(X)`; joined with others by `|` where that marks them all. */
function bitOf(context: FunctionContext, number: CNode): CNode | null {
  const bare = withCasts(number);
  const above = bare.parent;
  const isShift = above?.type === 'binary_expression' && bare.field === 'right' && operatorOf(above) === '<<';
  const call = above?.type === 'argument_list' ? above.parent : null;
  const isMacro = call?.type === 'call_expression' && BIT_MACRO.test(calleeName(context, call));
  const mask = isShift ? above : isMacro ? call : null;
  if (!mask) return null;
  const alone = withCasts(mask);
  const joined = [...ancestors(alone)].find((node) => !isJoining(node));
  return joined && isMarking(joined) ? (childOf(joined, alone) ?? alone) : alone;
}

function isJoining(node: CNode): boolean {
  return node.type === 'parenthesized_expression' || (node.type === 'binary_expression' && operatorOf(node) === '|');
}

function isMarking(node: CNode): boolean {
  return node.type === 'assignment_expression' && operatorOf(node) === '|=';
}

/** The child of a node that another node is, or stands in. */
function childOf(node: CNode, inner: CNode): CNode | undefined {
  return node.children.find((one) => one.start <= inner.start && inner.end <= one.end);
}

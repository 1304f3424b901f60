import { ancestors, child, descendants, type CNode } from '../../syntax/c/cTree.js';
import type { Span } from '../../syntax/text/sourceText.js';
import {
  argumentsOf,
  bareExpression,
  calleeName,
  textOf,
  writtenText,
  type FunctionContext,
} from '../source/expressions.js';
import { registerArray } from '../registers/cacheExpressions.js';
import { mentions, statementOf, type NumberUse } from './sinks.js';
import { holderLink, type NumberLink } from './sources.js';
import { constantOf, runtimeIndex } from '../registers/runtimeIndex.js';

/** A number that a register's number is held against: it must be below. The span is the limit's. */
export interface NumberBound extends Span {
  /** How many registers it leaves. */
  readonly count: number;
  /** The test that it is part of, as written: `nr >= NR_EMULATOR_GPRS`. */
  readonly text: string;
  /** The macro or enumerator that the limit is made of, or null. */
  readonly name: string | null;
}

/** A register's bit in a mask: `1 << nr`, `BIT(nr)`, `__set_bit(nr, &mask)`. The span is the shift's or the call's. */
export interface NumberBit extends Span {
  readonly text: string;
  /** The mask that it is a bit of. */
  readonly mask: NumberLink;
}

/** What a function with register numbers in these variables says of how many there are. */
export interface NumberLimits {
  readonly bounds: readonly NumberBound[];
  readonly bits: readonly NumberBit[];
  /** Members and variables that are arrays with a slot for each register. */
  readonly arrays: readonly NumberLink[];
}

/** Reads a function's limits on the numbers in `variables`, which it uses at `uses`. */
export function numberLimits(
  context: FunctionContext,
  uses: readonly NumberUse[],
  variables: ReadonlySet<string>,
): NumberLimits {
  const bounds: NumberBound[] = [];
  const bits: NumberBit[] = [];
  const arrays: NumberLink[] = [];
  const statements = new Set(uses.map((use) => statementOf(use.node)));
  for (const node of context.tree.nodes) {
    const limit = limitOf(context, node, variables);
    if (limit && isOfUse(node, uses)) bounds.push(boundOf(context, node, limit));
    const bit = bitOf(context, node, variables);
    if (bit) bits.push(bit);
    const array = node.type === 'subscript_expression' ? slotArray(context, node, variables, statements) : null;
    if (array !== null) arrays.push(array);
  }
  return { bounds, bits, arrays };
}

interface Limit {
  readonly node: CNode;
  /** Added to the limit's value it is the number of registers. */
  readonly more: 0 | 1;
}

/** `nr >= LIMIT`, `nr <= LIMIT`, `nr &= LIMIT - 1`, `for_each_set_bit(nr, &mask, LIMIT)` */
function limitOf(context: FunctionContext, node: CNode, variables: ReadonlySet<string>): Limit | null {
  const isNumber = (n: CNode) => {
    const bare = bareExpression(n);
    return bare.type === 'identifier' && variables.has(textOf(context, bare));
  };
  if (node.type === 'comma_expression') return loopMacroLimit(node, isNumber);
  const [left, right] = [child(node, 'left'), child(node, 'right')];
  if (!left || !right) return null;
  const operator = child(node, 'operator')?.type ?? '';
  if (node.type === 'binary_expression') return comparedLimit(left, operator, right, isNumber);
  const isMask = node.type === 'assignment_expression' && operator === '&=' && isNumber(left);
  return isMask ? { node: right, more: 1 } : null;
}

/** Of `nr < LIMIT` and `LIMIT > nr`, by what each operator admits on the number's side. */
function comparedLimit(left: CNode, operator: string, right: CNode, isNumber: (n: CNode) => boolean): Limit | null {
  if (!/^[<>]=?$/.test(operator)) return null;
  if (isNumber(left)) return { node: right, more: operator === '<' || operator === '>=' ? 0 : 1 };
  return isNumber(right) ? { node: left, more: operator === '>' || operator === '<=' ? 0 : 1 } : null;
}

/** Of a loop macro's arguments, which are read as a loop's condition. */
function loopMacroLimit(node: CNode, isNumber: (n: CNode) => boolean): Limit | null {
  if (!isLoop(node.parent?.parent) || node.parent?.type !== 'parenthesized_expression') return null;
  const [first, ...others] = listElements(node);
  const last = others.at(-1);
  return first && last && isNumber(first) ? { node: last, more: 0 } : null;
}

function listElements(node: CNode): CNode[] {
  const [left, right] = [child(node, 'left'), child(node, 'right')];
  return node.type === 'comma_expression' && left && right ? [...listElements(left), ...listElements(right)] : [node];
}

function isLoop(node: CNode | null | undefined): boolean {
  return node?.type === 'for_statement' || node?.type === 'while_statement' || node?.type === 'do_statement';
}

/** A loop's limit counts if a register is used in that loop: its counter may count other things in another. */
function isOfUse(limit: CNode, uses: readonly NumberUse[]): boolean {
  const loop = [...ancestors(limit)].find((node) => node.type.endsWith('_statement'));
  if (!loop || !isLoop(loop)) return true;
  return uses.some((use) => loop.start <= use.node.start && use.node.end <= loop.end);
}

function boundOf(context: FunctionContext, test: CNode, { node, more }: Limit): NumberBound {
  const value = constantOf(context, node);
  const name = descendants(node).find(({ type }) => type === 'identifier');
  return {
    start: node.start,
    end: node.end,
    count: value === null ? 0 : Number(value) + more,
    text: writtenText(context, test),
    name: name ? textOf(context, name) : null,
  };
}

const BIT_MACRO = /^BIT(?:_ULL)?$/;

function bitOf(context: FunctionContext, node: CNode, variables: ReadonlySet<string>): NumberBit | null {
  const operated = bitOperand(context, node, variables);
  if (operated) {
    const mask = holderLink(context, operated);
    return mask === null ? null : { start: node.start, end: node.end, text: writtenText(context, node), mask };
  }
  const [only] = node.type === 'call_expression' && BIT_MACRO.test(calleeName(context, node)) ? argumentsOf(node) : [];
  const left = node.type === 'binary_expression' && child(node, 'operator')?.type === '<<' ? child(node, 'left') : null;
  const number = only ?? (left && constantOf(context, left) === 1n ? child(node, 'right') : undefined);
  if (!number || !mentions(context, bareExpression(number), variables)) return null;
  const mask = maskOf(context, node);
  return mask === null ? null : { start: node.start, end: node.end, text: writtenText(context, node), mask };
}

/** What `__set_bit(nr, (unsigned long *)&mask)` works on (asm/bitops.h). */
function bitOperand(context: FunctionContext, node: CNode, variables: ReadonlySet<string>): CNode | null {
  if (node.type !== 'call_expression' || !calleeName(context, node).endsWith('_bit')) return null;
  const [number, address] = argumentsOf(node);
  if (!number || !address || !mentions(context, bareExpression(number), variables)) return null;
  const pointer = bareExpression(address);
  const target = pointer.type === 'pointer_expression' ? child(pointer, 'argument') : undefined;
  return target ? bareExpression(target) : pointer;
}

/** The mask that a bit is set in, cleared or tested: the other side of the `&`, `|=` or `&= ~` around it. */
function maskOf(context: FunctionContext, bit: CNode): NumberLink | null {
  let below = bit;
  for (const above of ancestors(bit)) {
    if (above.type === 'binary_expression' || above.type === 'assignment_expression') {
      const other = [child(above, 'left'), child(above, 'right')].find((side) => side !== below);
      return other ? holderLink(context, bareExpression(other)) : null;
    }
    if (!/^(?:parenthesized|unary|cast)_expression$/.test(above.type)) return null;
    below = above;
  }
  return null;
}

/**
 * The array with a slot for each register that a subscript is of: the cache's, the emulator's, one that is copied to or from
 * those, or one that is told by a number that is not counted.
 */
function slotArray(
  context: FunctionContext,
  node: CNode,
  variables: ReadonlySet<string>,
  statements: ReadonlySet<CNode>,
): NumberLink | null {
  const [array, index] = [child(node, 'argument'), child(node, 'index')];
  if (!array || !index || isCountedFromLater(context, index)) return null;
  const isByNumber = mentions(context, index, variables);
  const isSlot =
    registerArray(context, array) !== null ||
    (isByNumber && (statements.has(statementOf(node)) || isUncounted(context, index)));
  return isSlot ? holderLink(context, bareExpression(array)) : null;
}

/** Whether an index is a number less that of a register: `egprs[reg - VCPU_REGS_R16]` has no slots for those before. */
function isCountedFromLater(context: FunctionContext, index: CNode): boolean {
  const node = bareExpression(index);
  const right = child(node, 'right');
  const isDifference = node.type === 'binary_expression' && child(node, 'operator')?.type === '-';
  return isDifference && right !== undefined && (constantOf(context, right) ?? 0n) > 0n;
}

/** Whether an index is a variable that no loop counts: such a counter may be that of something else in another loop. */
function isUncounted(context: FunctionContext, index: CNode): boolean {
  return bareExpression(index).type === 'identifier' && runtimeIndex(context, index).counts === null;
}

import { integerOf } from '../../syntax/preprocessor/integers.js';
import type { MacroLookup } from '../../syntax/preprocessor/macroExpansion.js';
import type { CNode } from '../../syntax/c/cTree.js';
import { argumentsOf, bareExpression, calleeName, textOf, type FunctionContext } from '../source/expressions.js';

/** `GENMASK(high, low)` (linux/bits.h), at once or as a macro's whole body. */
const GENMASK = /^\(*\s*GENMASK(?:_\w+)?\s*\(([^,()]+),([^,()]+)\)[\s)]*$/;

/** The bits of a mask that `GENMASK` makes, or null for any other expression. */
export function genmask(context: FunctionContext, expression: CNode): bigint | null {
  const { macros } = context.symbols;
  const lookup: MacroLookup = (name) => macros.get(name)?.definition;
  const text = textOf(context, bareExpression(expression));
  const body = macros
    .get(text)
    ?.definition.body.map((token) => token.text)
    .join(' ');
  const [high, low] = (GENMASK.exec(body ?? text) ?? []).slice(1).map((bound) => integerOf(bound, lookup, () => null));
  const isMask = high !== null && high !== undefined && low !== null && low !== undefined;
  return isMask && low >= 0n && low <= high && high < 64n ? ((1n << (high - low + 1n)) - 1n) << low : null;
}

/** The mask that `FIELD_GET(mask, value)` (linux/bitfield.h) takes its field by, or null for any other expression. */
export function fieldGetMask(context: FunctionContext, node: CNode): CNode | null {
  return node.type === 'call_expression' && calleeName(context, node) === 'FIELD_GET'
    ? (argumentsOf(node)[0] ?? null)
    : null;
}

import { child, type CNode } from '../../syntax/c/cTree.js';
import { bareExpression, calleeName, textOf, type FunctionContext } from '../source/expressions.js';
import { fieldGetMask } from './fieldMasks.js';
import { knownBits } from './knownBits.js';
import type { NumberPart, ValueSource } from './sources.js';

/** A macro by which a register's number is cut out of something: of a field, or a mask. */
export interface NumberMacro {
  readonly name: string;
  readonly bits: number;
}

/** The macros that cut numbers of all sixteen, or all 32 registers: of four or five bits. */
export function numberMacros(context: FunctionContext, sources: readonly ValueSource[]): NumberMacro[] {
  return sources.flat().flatMap((part) => macrosOf(context, part));
}

const WIDTHS: ReadonlyMap<bigint, number> = new Map([
  [0xfn, 4],
  [0x1fn, 5],
]);

function macrosOf(context: FunctionContext, { node, bits }: Pick<NumberPart, 'node' | 'bits'>): NumberMacro[] {
  const expression = bareExpression(node);
  if (expression.type === 'conditional_expression')
    return [child(expression, 'consequence'), child(expression, 'alternative')].flatMap((value) =>
      value ? macrosOf(context, { node: value, bits: knownBits(context, value) }) : [],
    );
  const width = WIDTHS.get(bits ?? 0n);
  const name = width === undefined ? null : cuttingMacro(context, expression);
  return width === undefined || name === null ? [] : [{ name, bits: width }];
}

/** The macro that says how wide what an expression cuts out is; null where the code itself does. */
export function cuttingMacro(context: FunctionContext, node: CNode): string | null {
  const expression = bareExpression(node);
  const [left, right] = [child(expression, 'left'), child(expression, 'right')];
  const named = left && right ? [left, right].map(bareExpression).filter(({ type }) => type === 'identifier') : [];
  const mask = fieldGetMask(context, expression);
  const names = [...named, ...(mask ? [mask] : [])].map((operand) => textOf(context, operand));
  names.push(calleeName(context, expression));
  return names.find((name) => context.symbols.macros.has(name)) ?? null;
}

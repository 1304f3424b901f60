import type { CNode } from '../../syntax/c/cTree.js';
import { argumentsOf, calleeName, writtenText, type FunctionContext } from '../source/expressions.js';
import type { MaskExpression } from './maskExpression.js';
import { objectOf, type MaskVariable } from './maskVariable.js';

/** Functions that set or clear the bit of a number in what they are given the address of (linux/bitops.h). */
const BIT_FUNCTIONS: ReadonlyMap<string, 'set' | 'clear'> = new Map([
  ['set_bit', 'set'],
  ['__set_bit', 'set'],
  ['clear_bit', 'clear'],
  ['__clear_bit', 'clear'],
]);

/** Whether a function sets or clears one bit of what it is given the address of. */
export function changesBit(callee: string): boolean {
  return BIT_FUNCTIONS.has(callee);
}

/** What a call does to one bit of a set of components, as the assignment that does the same: `|=` of the bit, `&=` of all others. */
interface BitChange {
  readonly variable: MaskVariable;
  readonly operator: '|=' | '&=';
  readonly value: MaskExpression;
}

/** The change that a node does to one bit of a variable; null for any other node, and where the variable is not known. */
export function bitChange(context: FunctionContext, node: CNode): BitChange | null {
  const effect = node.type === 'call_expression' ? BIT_FUNCTIONS.get(calleeName(context, node)) : undefined;
  const [number, address] = effect ? argumentsOf(node) : [];
  const variable = address ? objectOf(context, address) : null;
  if (!number || !variable) return null;
  const bit: MaskExpression = { kind: 'constant', text: `(1ULL << (${writtenText(context, number)}))` };
  return effect === 'set'
    ? { variable, operator: '|=', value: bit }
    : { variable, operator: '&=', value: { kind: 'not', part: bit } };
}

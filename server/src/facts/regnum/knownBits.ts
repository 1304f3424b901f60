import { child, type CNode } from '../../syntax/c/cTree.js';
import { fieldGetMask, genmask } from './fieldMasks.js';
import { argumentsOf, bareExpression, calleeName, type FunctionContext } from '../source/expressions.js';
import { constantOf } from '../registers/runtimeIndex.js';

/** The bits that an expression's value may have set; null where any may be. */
export function knownBits(context: FunctionContext, expression: CNode): bigint | null {
  const node = bareExpression(expression);
  switch (node.type) {
    case 'number_literal':
    case 'identifier':
      return maskValue(context, node);
    case 'call_expression': {
      const mask = fieldGetMask(context, node);
      return mask ? lowered(maskValue(context, mask)) : (bitMacro(context, node) ?? genmask(context, node));
    }
    case 'conditional_expression':
      return eitherBits(context, child(node, 'consequence'), child(node, 'alternative'));
    case 'binary_expression':
      return binaryBits(context, node);
    default:
      return null;
  }
}

/** `BIT(4)` (vdso/bits.h) */
function bitMacro(context: FunctionContext, node: CNode): bigint | null {
  const [only] = /^BIT(?:_ULL)?$/.test(calleeName(context, node)) ? argumentsOf(node) : [];
  const number = only ? constantOf(context, only) : null;
  return number !== null && number >= 0n && number < WIDEST ? 1n << number : null;
}

function maskValue(context: FunctionContext, node: CNode): bigint | null {
  const value = constantOf(context, node);
  return value !== null && value >= 0n ? value : genmask(context, node);
}

/** A mask's bits from its lowest on, as a field's value has them. */
function lowered(mask: bigint | null): bigint | null {
  return mask === null || mask <= 0n ? null : mask / (mask & -mask);
}

function binaryBits(context: FunctionContext, node: CNode): bigint | null {
  const [left, right] = [child(node, 'left'), child(node, 'right')];
  if (!left || !right) return null;
  switch (child(node, 'operator')?.type) {
    case '&': {
      const [a, b] = [knownBits(context, left), knownBits(context, right)];
      return a === null ? b : b === null ? a : a & b;
    }
    case '|':
    case '^':
      return eitherBits(context, left, right);
    case '<<':
      return shifted(context, left, right, (bits, by) => bits << by);
    case '>>':
      return shifted(context, left, right, (bits, by) => bits >> by);
    default:
      return null;
  }
}

function eitherBits(context: FunctionContext, left: CNode | undefined, right: CNode | undefined): bigint | null {
  const [a, b] = [left, right].map((node) => (node ? knownBits(context, node) : null));
  return a === null || a === undefined || b === null || b === undefined ? null : a | b;
}

/** No integer of the kernel is wider. */
const WIDEST = 64n;

function shifted(
  context: FunctionContext,
  left: CNode,
  right: CNode,
  compute: (bits: bigint, by: bigint) => bigint,
): bigint | null {
  const [bits, by] = [knownBits(context, left), constantOf(context, right)];
  return bits === null || by === null || by < 0n || by >= WIDEST ? null : compute(bits, by);
}

import { child, type CNode } from '../syntax/cTree.js';
import { fieldGetMask, genmask } from './fieldMasks.js';
import { bareExpression, type Reading } from './expressions.js';
import { constantOf } from './runtimeIndex.js';

/** The bits that an expression's value may have set; null where any may be. */
export function knownBits(reading: Reading, expression: CNode): bigint | null {
  const node = bareExpression(expression);
  switch (node.type) {
    case 'number_literal':
    case 'identifier':
      return maskValue(reading, node);
    case 'call_expression': {
      const mask = fieldGetMask(reading, node);
      return mask ? lowered(maskValue(reading, mask)) : genmask(reading, node);
    }
    case 'conditional_expression':
      return eitherBits(reading, child(node, 'consequence'), child(node, 'alternative'));
    case 'binary_expression':
      return binaryBits(reading, node);
    default:
      return null;
  }
}

function maskValue(reading: Reading, node: CNode): bigint | null {
  const value = constantOf(reading, node);
  return value !== null && value >= 0n ? value : genmask(reading, node);
}

/** A mask's bits from its lowest on, as a field's value has them. */
function lowered(mask: bigint | null): bigint | null {
  return mask === null || mask <= 0n ? null : mask / (mask & -mask);
}

function binaryBits(reading: Reading, node: CNode): bigint | null {
  const [left, right] = [child(node, 'left'), child(node, 'right')];
  if (!left || !right) return null;
  switch (child(node, 'operator')?.type) {
    case '&': {
      const [a, b] = [knownBits(reading, left), knownBits(reading, right)];
      return a === null ? b : b === null ? a : a & b;
    }
    case '|':
    case '^':
      return eitherBits(reading, left, right);
    case '<<':
      return shifted(reading, left, right, (bits, by) => bits << by);
    case '>>':
      return shifted(reading, left, right, (bits, by) => bits >> by);
    default:
      return null;
  }
}

function eitherBits(reading: Reading, left: CNode | undefined, right: CNode | undefined): bigint | null {
  const [a, b] = [left, right].map((node) => (node ? knownBits(reading, node) : null));
  return a === null || a === undefined || b === null || b === undefined ? null : a | b;
}

/** No integer of the kernel is wider. */
const WIDEST = 64n;

function shifted(
  reading: Reading,
  left: CNode,
  right: CNode,
  compute: (bits: bigint, by: bigint) => bigint,
): bigint | null {
  const [bits, by] = [knownBits(reading, left), constantOf(reading, right)];
  return bits === null || by === null || by < 0n || by >= WIDEST ? null : compute(bits, by);
}

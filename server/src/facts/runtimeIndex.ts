import { child, type CNode } from '../syntax/cTree.js';
import { integerOf } from '../syntax/integers.js';
import { collapse } from '../syntax/tokens.js';
import { bareExpression, calleeName, textOf, type Reading } from './expressions.js';

/** A register number that only run time knows. */
export interface RuntimeIndex {
  /** How the code comes by it: `(exit_qualification >> 8) & 15`, or `parameter reg`. */
  readonly text: string;
  /** How many bits the number is cut to; null where the code does not say. */
  readonly bits: number | null;
  /** By how many bits the value that it is cut from is shifted; null where the code does not say. */
  readonly shift: number | null;
}

/** Describes an index expression: what it is decoded from, followed through one local variable or decoding function. */
export function runtimeIndex(reading: Reading, index: CNode): RuntimeIndex {
  const node = bareExpression(index);
  const definitions =
    node.type === 'identifier'
      ? (reading.tree.definitions.get(textOf(reading, node)) ?? []).map((d) => d.value)
      : [node];
  const [only, ...others] = definitions;
  if (only && others.length === 0 && only !== node) return described(reading, only);
  if (node.type !== 'identifier') return described(reading, node);
  const name = textOf(reading, node);
  const isParameter = reading.tree.parameters.some((parameter) => parameter.name === name);
  return { text: isParameter ? `parameter ${name}` : name, bits: null, shift: null };
}

function described(reading: Reading, expression: CNode): RuntimeIndex {
  const node = bareExpression(expression);
  const text = collapse(reading.tree.file.source.text, node.start, node.end);
  if (node.type !== 'binary_expression' || child(node, 'operator')?.type !== '&')
    return { text: text || calleeName(reading, node), bits: null, shift: null };
  const [left, right] = [child(node, 'left'), child(node, 'right')];
  const mask = right ? valueOf(reading, right) : null;
  const shifted = left ? bareExpression(left) : undefined;
  const isShift = shifted?.type === 'binary_expression' && child(shifted, 'operator')?.type === '>>';
  const amount = isShift ? child(shifted, 'right') : undefined;
  return { text, bits: mask === null ? null : bitLength(mask), shift: amount ? toNumber(valueOf(reading, amount)) : 0 };
}

function valueOf(reading: Reading, node: CNode): bigint | null {
  return integerOf(
    textOf(reading, node),
    (name) => reading.vocabulary.macros.get(name)?.definition,
    () => null,
  );
}

function toNumber(value: bigint | null): number | null {
  return value === null ? null : Number(value);
}

/** The bits of a mask of the form 2^n - 1, or null. */
function bitLength(mask: bigint): number | null {
  if (mask <= 0n || (mask & (mask + 1n)) !== 0n) return null;
  return mask.toString(2).length;
}

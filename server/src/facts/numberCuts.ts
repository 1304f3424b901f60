import { child, type CNode } from '../syntax/cTree.js';
import type { Span } from '../syntax/sourceText.js';
import { argumentsOf, bareExpression, calleeName, textOf, writtenText, type Reading } from './expressions.js';
import { fieldGetMask } from './fieldMasks.js';
import { linkName, type NumberPart, type NumberWay } from './numberWays.js';
import { runtimeIndex } from './runtimeIndex.js';

/** A piece of a register's number because of which that has no more than four bits. */
export interface NumberCut extends Span {
  /** As written. */
  readonly text: string;
  /** Which bits it is of what, when they are known. */
  readonly field: { readonly high: number; readonly low: number; readonly of: string } | null;
  /** The macro that says how wide it is; null where the code itself does. */
  readonly macro: string | null;
  /** It is only bit 3, from an instruction's prefix. */
  readonly isPrefixBit: boolean;
}

/** Numbers of the sixteen registers RAX-R15: four bits. */
const FOUR_BITS = 15n;
const FOURTH_BIT = 8n;

/** The pieces that make a number four bits wide, unless the same code has another way that makes it wider. */
export function numberCuts(reading: Reading, ways: readonly NumberWay[]): NumberCut[] {
  const made = ways.filter((way) => way.some((part) => !part.isConstant)).map((way) => ({ way, bits: bitsOf(way) }));
  if (made.some(({ bits }) => bits !== null && bits > FOUR_BITS)) return [];
  const parts = new Set(
    made.flatMap(({ way, bits }) =>
      bits === FOUR_BITS ? way.filter((part) => ((part.bits ?? 0n) & FOURTH_BIT) !== 0n) : [],
    ),
  );
  return [...parts].filter((part) => !isDecodedElsewhere(reading, part)).map((part) => cutOf(reading, part));
}

function bitsOf(way: NumberWay): bigint | null {
  return way.reduce<bigint | null>((all, { bits }) => (all === null || bits === null ? null : all | bits), 0n);
}

/** A function of the tree cuts the number: it is told there. */
function isDecodedElsewhere(reading: Reading, { link }: NumberPart): boolean {
  const { decoders, macros } = reading.vocabulary;
  const name = link === null ? '' : linkName(link);
  return decoders.has(name) && !macros.has(name);
}

function cutOf(reading: Reading, part: NumberPart): NumberCut {
  const node = bareExpression(part.node);
  const { bits, shift } = runtimeIndex(reading, node);
  const source = cutSource(node);
  const isField = bits !== null && shift !== null && source !== undefined;
  return {
    start: node.start,
    end: node.end,
    text: writtenText(reading, node),
    field: isField ? { high: shift + bits - 1, low: shift, of: writtenText(reading, source) } : null,
    macro: macroOf(reading, part),
    isPrefixBit: part.bits !== FOUR_BITS,
  };
}

/** What a number is cut from: `x` of `(x >> 8) & 15`, `x & MASK` and `FIELD(x)`. */
function cutSource(node: CNode): CNode | undefined {
  if (node.type === 'call_expression') return argumentsOf(node)[0];
  const left = child(node, 'left');
  const masked = left && bareExpression(left);
  const isShifted = masked?.type === 'binary_expression' && child(masked, 'operator')?.type === '>>';
  const shifted = isShifted ? child(masked, 'left') : masked;
  return shifted && bareExpression(shifted);
}

function macroOf(reading: Reading, { node, bits }: NumberPart): string | null {
  if (bits !== FOUR_BITS) return null;
  const expression = bareExpression(node);
  const [left, right] = [child(expression, 'left'), child(expression, 'right')];
  const named = left && right ? [left, right].map(bareExpression).filter(({ type }) => type === 'identifier') : [];
  const mask = fieldGetMask(reading, expression);
  const names = [...named, ...(mask ? [mask] : [])].map((operand) => textOf(reading, operand));
  names.push(calleeName(reading, expression));
  return names.find((name) => reading.vocabulary.macros.has(name)) ?? null;
}

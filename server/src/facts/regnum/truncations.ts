import { child, type CNode } from '../../syntax/c/cTree.js';
import type { Span } from '../../syntax/text/sourceText.js';
import { argumentsOf, bareExpression, writtenText, type FunctionContext } from '../source/expressions.js';
import { cuttingMacro } from './numberMacros.js';
import { linkName, type NumberPart, type ValueSource } from './sources.js';
import { runtimeIndex } from '../registers/runtimeIndex.js';

/** A piece of a register's number because of which that has no more than four bits. */
export interface Truncation extends Span {
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

/** The pieces that make a number four bits wide, unless the same code has a wider source for it. */
export function truncationsOf(context: FunctionContext, sources: readonly ValueSource[]): Truncation[] {
  const made = sources
    .filter((source) => source.some((part) => !part.isConstant))
    .map((source) => ({ source, bits: bitsOf(source) }));
  if (made.some(({ bits }) => bits !== null && bits > FOUR_BITS)) return [];
  const parts = new Set(
    made.flatMap(({ source, bits }) =>
      bits === FOUR_BITS ? source.filter((part) => ((part.bits ?? 0n) & FOURTH_BIT) !== 0n) : [],
    ),
  );
  return [...parts].filter((part) => !isDecodedElsewhere(context, part)).map((part) => cutOf(context, part));
}

function bitsOf(source: ValueSource): bigint | null {
  return source.reduce<bigint | null>((all, { bits }) => (all === null || bits === null ? null : all | bits), 0n);
}

/** A function of the tree cuts the number: that is where it is reported. */
function isDecodedElsewhere(context: FunctionContext, { link }: NumberPart): boolean {
  const { decoders, macros } = context.symbols;
  const name = link === null ? '' : linkName(link);
  return decoders.has(name) && !macros.has(name);
}

function cutOf(context: FunctionContext, part: NumberPart): Truncation {
  const node = bareExpression(part.node);
  const { bits, shift } = runtimeIndex(context, node);
  const source = cutSource(node);
  const isField = bits !== null && shift !== null && source !== undefined;
  return {
    start: node.start,
    end: node.end,
    text: writtenText(context, node),
    field: isField ? { high: shift + bits - 1, low: shift, of: writtenText(context, source) } : null,
    macro: part.bits === FOUR_BITS ? cuttingMacro(context, part.node) : null,
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

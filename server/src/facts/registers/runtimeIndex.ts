import { ancestors, child, type CNode } from '../../syntax/c/cTree.js';
import { integerOf } from '../../syntax/preprocessor/integers.js';
import type { MacroLookup } from '../../syntax/preprocessor/macroExpansion.js';
import { bareExpression, calleeName, textOf, writtenText, type FunctionContext } from '../source/expressions.js';
import { changesOf } from '../source/variableChanges.js';
import { bitLength } from '../symbols/indexDecoders.js';

/** A register number that only run time knows. */
export interface RuntimeIndex {
  /** How the code comes by it: `(exit_qualification >> 8) & 15`, or `parameter reg`. */
  readonly text: string;
  /** How many bits the number is cut to; null where the code does not say. */
  readonly bits: number | null;
  /** By how many bits the value that it is cut from is shifted; null where the code does not say. */
  readonly shift: number | null;
  /** A loop's counter: the registers in turn, with the numbers of the first and last where they are known. */
  readonly counts: { readonly first: number | null; readonly last: number | null } | null;
  /** The number that it is counted from, `VCPU_REGS_R16` of `VCPU_REGS_R16 + i`: it is none below; null where the code does not say. */
  readonly least: number | null;
}

/** Describes an index expression: what it is decoded from, followed through one local variable or decoding function. */
export function runtimeIndex(context: FunctionContext, index: CNode): RuntimeIndex {
  const node = bareExpression(index);
  if (node.type !== 'identifier') return describedIndex(context, node);
  const name = textOf(context, node);
  const counts = counterOf(context, node, name);
  if (counts) return { ...NOTHING_KNOWN, text: name, counts };
  const [only, ...others] = context.tree.definitions.get(name) ?? [];
  if (only && others.length === 0) return describedIndex(context, only.value);
  const isParameter = context.tree.parameters.some((parameter) => parameter.name === name);
  return { ...NOTHING_KNOWN, text: isParameter ? `parameter ${name}` : name };
}

const NOTHING_KNOWN: Omit<RuntimeIndex, 'text'> = { bits: null, shift: null, counts: null, least: null };

function describedIndex(context: FunctionContext, expression: CNode): RuntimeIndex {
  const node = bareExpression(expression);
  const described = { ...NOTHING_KNOWN, text: writtenText(context, node) };
  const decoder = node.type === 'call_expression' ? context.symbols.decoders.get(calleeName(context, node)) : undefined;
  if (decoder) return { ...described, ...decoder };
  const [left, right] = [child(node, 'left'), child(node, 'right')];
  if (node.type !== 'binary_expression' || !left || !right) return described;
  switch (child(node, 'operator')?.type) {
    case '+':
      return { ...described, ...sumOf(context, left, right) };
    case '&':
      return { ...described, ...fieldOf(context, left, right) };
    default:
      return described;
  }
}

/** A number that is cut out of something: `(exit_qualification >> 8) & 15`. */
function fieldOf(context: FunctionContext, value: CNode, mask: CNode): Pick<RuntimeIndex, 'bits' | 'shift'> {
  const width = constantOf(context, mask);
  const shifted = bareExpression(value);
  const isShift = shifted.type === 'binary_expression' && child(shifted, 'operator')?.type === '>>';
  const amount = isShift ? child(shifted, 'right') : undefined;
  const bits = width === null ? null : bitLength(width);
  return { bits, shift: amount ? toNumber(constantOf(context, amount)) : 0 };
}

/** A number that is counted from another one: `VCPU_REGS_R16 + i`. */
function sumOf(context: FunctionContext, left: CNode, right: CNode): Pick<RuntimeIndex, 'counts' | 'least'> {
  const [a, b] = [toNumber(constantOf(context, left)), toNumber(constantOf(context, right))];
  const [from, added] = a === null ? [b, left] : [a, right];
  if (from === null) return { counts: null, least: null };
  const counter = bareExpression(added);
  const counts = counter.type === 'identifier' ? counterOf(context, counter, textOf(context, counter)) : null;
  const shifted = (number: number | null) => (number === null ? null : number + from);
  return { counts: counts && { first: shifted(counts.first), last: shifted(counts.last) }, least: from };
}

/** Whether a number may be the one of a register's slot. */
export function mayBeIndex({ counts, least }: RuntimeIndex, number: number): boolean {
  if (least !== null && number < least) return false;
  const [first, last] = [counts?.first ?? null, counts?.last ?? null];
  if (first === null || last === null) return true;
  return Math.min(first, last) <= number && number <= Math.max(first, last);
}

const COUNTING: ReadonlySet<string> = new Set(['++', '--', '+=', '-=']);

/** The range of a variable that a loop counts up or down, or null for any other. */
function counterOf(context: FunctionContext, use: CNode, name: string): RuntimeIndex['counts'] {
  const isName = (node: CNode | undefined) => node !== undefined && textOf(context, bareExpression(node)) === name;
  if (!changesOf(context.tree, name).some(({ operator }) => COUNTING.has(operator))) return null;
  const loop = [...ancestors(use)].find((node) => node.type === 'for_statement' || node.type === 'while_statement');
  const condition = loop ? child(loop, 'condition') : undefined;
  const test = condition ? bareExpression(condition) : undefined;
  const operator = test ? child(test, 'operator')?.type : undefined;
  const bound = test && isName(child(test, 'left')) ? child(test, 'right') : undefined;
  const values = (context.tree.definitions.get(name) ?? []).map(({ value }) => value);
  // Several loops may count by one variable.
  const ownStart = values.find((value) => loop && test && loop.start <= value.start && value.end <= test.start);
  const start = ownStart ?? (values.length === 1 ? values[0] : undefined);
  const [first, end] = [start, bound].map((node) => (node ? toNumber(constantOf(context, node)) : null));
  const last = end === null || end === undefined ? null : operator === '<' ? end - 1 : end;
  return { first: first ?? null, last };
}

/** The value of a constant expression, or null for any other. */
export function constantOf(context: FunctionContext, node: CNode): bigint | null {
  const { macros, registers } = context.symbols;
  const lookup: MacroLookup = (name) => macros.get(name)?.definition;
  const member = (name: string) => registers.byName.get(name)?.index ?? null;
  return integerOf(textOf(context, node), lookup, (name) => {
    const index = member(name);
    return index === null ? null : BigInt(index);
  });
}

function toNumber(value: bigint | null): number | null {
  return value === null ? null : Number(value);
}

import { integerOf } from '../../syntax/preprocessor/integers.js';
import type { TreeSymbols } from '../symbols/treeSymbols.js';

/** What a range of bits is computed from. */
export type RangeSymbols = Pick<TreeSymbols, 'macros' | 'registers'>;

/** Macros that make a mask of all bits from one to another, the higher first (linux/bits.h). */
export const RANGE_MACRO = /^GENMASK(?:_ULL)?$/;

const ARGUMENT = String.raw`([^,()]*(?:\([^()]*\)[^,()]*)*)`;
const RANGE_USE = new RegExp(String.raw`\bGENMASK(?:_ULL)?\s*\(${ARGUMENT},${ARGUMENT}\)`, 'g');

/** A mask whose ranges are written out: `(BIT(VCPU_REGS_R8) | BIT(VCPU_REGS_R9))` for `GENMASK(9, 8)`; a range that is not known stays. */
export function withRangesWritten(symbols: RangeSymbols, mask: string): string {
  return mask.replace(RANGE_USE, (use, high: string, low: string) => {
    const [first, last] = [valueOf(symbols, low), valueOf(symbols, high)];
    const names = first === null || last === null ? [] : registersBetween(symbols, first, last);
    return names.length > 0 ? maskOf(names) : use;
  });
}

/** The registers of `count` bits from `first`, both as written; null where one is no constant. */
export function registersOfBits(symbols: RangeSymbols, first: string, count: string): readonly string[] | null {
  const [from, length] = [valueOf(symbols, first), valueOf(symbols, count)];
  return from === null || length === null ? null : registersBetween(symbols, from, from + length - 1n);
}

/** A mask of registers, as C writes it. */
export function maskOf(names: readonly string[]): string {
  return `(${names.map((name) => `BIT(${name})`).join(' | ')})`;
}

function registersBetween({ registers }: RangeSymbols, first: bigint, last: bigint): string[] {
  return registers.members.flatMap(({ name, role, isNumbered, index }) => {
    const isWithin = isNumbered && index !== null && first <= index && index <= last;
    return role === 'register' && isWithin ? [name] : [];
  });
}

function valueOf({ macros, registers }: RangeSymbols, written: string): bigint | null {
  const indexOf = (name: string) => {
    const index = registers.byName.get(name)?.index ?? registers.numberMacros.get(name)?.index ?? null;
    return index === null ? null : BigInt(index);
  };
  return integerOf(written, (name) => macros.get(name)?.definition, indexOf);
}

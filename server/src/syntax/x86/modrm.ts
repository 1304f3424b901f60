import type { AsmExpression, LinearForm } from '../assembler/expression.js';
import type { DataValue } from '../assembler/instruction.js';
import type { AsmOperand, AsmRegister } from '../assembler/operand.js';
import type { Span } from '../text/sourceText.js';
import { GPRS, partName } from './registers.js';

/** An instruction's bytes, and what its prefix says of its operands. */
export interface EncodedOperands {
  readonly values: readonly DataValue[];
  /** The index of the ModRM byte. */
  readonly at: number;
  /** In bits. */
  readonly width: 32 | 64;
  /** The high bits of registers' numbers, 0x10 and 0x08: of the one in ModRM.reg, the base or the one in ModRM.rm, the index. */
  readonly high: { readonly reg: number; readonly base: number; readonly index: number };
  /** Where the instruction stands. */
  readonly place: Span;
}

/** What a ModRM byte and the bytes behind it mean. */
interface ModRmOperands {
  /** The register that ModRM.reg numbers. */
  readonly register: AsmOperand;
  /** The register or memory that ModRM.mod and ModRM.rm mean. */
  readonly other: AsmOperand;
  /** The index of the value behind them. */
  readonly end: number;
}

/**
 * Decodes ModRM, SIB and displacement (Intel SDM volume 2, 2.1). A displacement may be a symbol. null where the values do
 * not go that far.
 */
export function modRmOperands(encoded: EncodedOperands): ModRmOperands | null {
  const { values, at, width, high, place } = encoded;
  const modrm = byteOf(values[at]);
  if (modrm === null) return null;
  const register = registerOperand(high.reg | ((modrm >> 3) & 7), width, place);
  if (modrm >> 6 === 3) return { register, other: registerOperand(high.base | (modrm & 7), width, place), end: at + 1 };
  const memory = memoryOperand(encoded, modrm);
  return memory && { register, other: memory.operand, end: memory.end };
}

function memoryOperand(encoded: EncodedOperands, modrm: number): { operand: AsmOperand; end: number } | null {
  const { values, at, high, place } = encoded;
  const [mode, rm] = [modrm >> 6, modrm & 7];
  const hasSib = rm === 4;
  const sib = hasSib ? byteOf(values[at + 1]) : 0;
  if (sib === null) return null;
  const low = hasSib ? sib & 7 : rm;
  // Without a mode, the number of RBP stands for a displacement alone; without SIB, from RIP.
  const isWithoutBase = mode === 0 && low === 5;
  const displacementAt = at + (hasSib ? 2 : 1);
  const displacement = readDisplacement(values, displacementAt, isWithoutBase ? 2 : mode);
  if (!displacement) return null;
  const index = high.index | ((sib >> 3) & 7);
  const operand: AsmOperand = {
    kind: 'memory',
    base: isWithoutBase ? (hasSib ? null : instructionPointer(place)) : registerNumbered(high.base | low, 64, place),
    index: hasSib && index !== 4 ? registerNumbered(index, 64, place) : null,
    scale: 1 << (sib >> 6),
    displacement: displacement.expression,
    segment: null,
    ...(displacement.expression ?? place),
  };
  return { operand, end: displacementAt + displacement.length };
}

/** The displacement of a mode: none, one byte, or four bytes, which may be written one by one. */
function readDisplacement(
  values: readonly DataValue[],
  at: number,
  mode: number,
): { readonly expression: AsmExpression | null; readonly length: number } | null {
  if (mode === 0) return { expression: null, length: 0 };
  const first = values[at];
  if (!first) return null;
  if (mode === 1) return first.size === 1 ? { expression: signExtended(first.expression, 8), length: 1 } : null;
  if (first.size === 4) return { expression: signExtended(first.expression, 32), length: 1 };
  const bytes = values.slice(at, at + 4);
  const last = bytes.at(-1);
  if (!last || bytes.length < 4 || bytes.some((byte) => byte.size !== 1)) return null;
  const numbers = bytes.map(byteOf);
  const known = numbers.flatMap((byte) => byte ?? []);
  const sum = known.reduce((total, byte, i) => total + byte * 2 ** (8 * i), 0);
  const value: LinearForm | null = known.length === 4 ? { symbols: new Map(), constant: sum } : null;
  const names = bytes.flatMap((byte) => byte.expression.names);
  const { start } = first.expression;
  const text = bytes.map((byte) => byte.expression.text).join(', ');
  return { expression: signExtended({ text, names, value, start, end: last.expression.end }, 32), length: 4 };
}

/** A displacement as the processor adds it; a symbol's value is taken to fit. */
function signExtended(expression: AsmExpression, bits: 8 | 32): AsmExpression {
  const { value } = expression;
  if (!value || value.symbols.size > 0) return expression;
  const range = 2 ** bits;
  const unsigned = ((value.constant % range) + range) % range;
  const constant = unsigned >= range / 2 ? unsigned - range : unsigned;
  return { ...expression, value: { symbols: value.symbols, constant } };
}

/** The number that a value is, when it is a byte and known; null otherwise. */
export function byteOf(value: DataValue | undefined): number | null {
  const form = value?.size === 1 ? value.expression.value : null;
  return form?.symbols.size === 0 && form.constant >= -128 && form.constant < 256 ? form.constant & 0xff : null;
}

/** A register by its number, with the width in bits that is used of it. */
export function registerOperand(number: number, width: 32 | 64, place: Span): AsmOperand {
  return { kind: 'register', ...registerNumbered(number, width, place) };
}

function registerNumbered(number: number, width: 32 | 64, { start, end }: Span): AsmRegister {
  const gpr = GPRS[number] ?? null;
  return { gpr, name: gpr === null ? '' : partName(gpr, width), width, inline: null, start, end };
}

function instructionPointer({ start, end }: Span): AsmRegister {
  return { gpr: null, name: 'rip', width: 64, inline: null, start, end };
}

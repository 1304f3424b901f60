import type { Span } from '../text/sourceText.js';
import type { AsmExpression, LinearForm } from '../assembler/expression.js';
import type { AsmOperand, AsmRegister } from '../assembler/operand.js';
import { GPRS, partName } from './registers.js';

/** A value that a data directive puts into the code: `.byte`'s have one byte, `.long`'s four. */
export interface EncodedValue {
  readonly expression: AsmExpression;
  readonly size: 1 | 4;
}

/** An instruction that was decoded. Operands in AT&T order. */
interface DecodedInstruction {
  readonly mnemonic: string;
  readonly operands: readonly AsmOperand[];
}

/** What the beginning of a list of values is: an instruction of so many of them, the beginning of one, or neither. */
type Decoded = (DecodedInstruction & { readonly length: number }) | 'incomplete' | 'unknown';

const PREFIX = 0xd5;

/** Opcodes of map 0 between a register and a register or memory, and whether ModRM.reg is where the value goes to. */
const OPCODES: ReadonlyMap<number, { readonly mnemonic: string; readonly isToRegister: boolean }> = new Map([
  [0x31, { mnemonic: 'xor', isToRegister: false }],
  [0x33, { mnemonic: 'xor', isToRegister: true }],
  [0x89, { mnemonic: 'mov', isToRegister: false }],
  [0x8b, { mnemonic: 'mov', isToRegister: true }],
]);

/**
 * The instructions that a list of values encodes, and those at its end that begin one more; none of either for a list that
 * holds anything else.
 */
export function decodeRex2(values: readonly EncodedValue[]): {
  readonly instructions: readonly DecodedInstruction[];
  readonly rest: readonly EncodedValue[];
} {
  const instructions: DecodedInstruction[] = [];
  for (let rest = values; rest.length > 0;) {
    const decoded = firstInstruction(rest);
    if (decoded === 'unknown') return { instructions: [], rest: [] };
    if (decoded === 'incomplete') return { instructions, rest };
    instructions.push({ mnemonic: decoded.mnemonic, operands: decoded.operands });
    rest = rest.slice(decoded.length);
  }
  return { instructions, rest: [] };
}

/**
 * Decodes an instruction with a REX2 prefix, as kernels write it for assemblers that do not know R16-R31: 0xd5, then
 * M0 R4 X4 B4 W R3 X3 B3 (Intel APX specification, 3.1.2), opcode, ModRM, SIB, displacement (SDM volume 2, 2.1). A
 * displacement may be a symbol.
 */
function firstInstruction(values: readonly EncodedValue[]): Decoded {
  const payload = byteOf(values[1]);
  const modrm = byteOf(values[3]);
  const opcode = OPCODES.get(byteOf(values[2]) ?? -1);
  if (values.length > 0 && byteOf(values[0]) !== PREFIX) return 'unknown';
  // M0 is the opcode map of 0F.
  if (values.length > 1 && (payload === null || (payload & 0x80) !== 0)) return 'unknown';
  if (values.length > 2 && !opcode) return 'unknown';
  if (values.length < 4) return 'incomplete';
  if (payload === null || modrm === null || !opcode) return 'unknown';
  const width = (payload & 8) !== 0 ? 64 : 32;
  const place = spanOf(values.slice(0, 4));
  const number = ((payload & 0x40) >> 2) | ((payload & 4) << 1) | ((modrm >> 3) & 7);
  const register = registerOperand(number, width, place);
  const other =
    modrm >> 6 === 3
      ? { operand: registerOperand((payload & 0x10) | ((payload & 1) << 3) | (modrm & 7), width, place), length: 4 }
      : memoryOperand(values, payload, modrm, place);
  if (!other) return values.length < LONGEST ? 'incomplete' : 'unknown';
  const operands = opcode.isToRegister ? [other.operand, register] : [register, other.operand];
  return { mnemonic: opcode.mnemonic, operands, length: other.length };
}

/** Prefix, payload, opcode, ModRM, SIB and four bytes of displacement. */
const LONGEST = 9;

interface Operand {
  readonly operand: AsmOperand;
  /** How many values the instruction has in all. */
  readonly length: number;
}

/** The memory operand of a ModRM byte; null where its values do not go that far. */
function memoryOperand(values: readonly EncodedValue[], payload: number, modrm: number, place: Span): Operand | null {
  const [mode, low] = [modrm >> 6, modrm & 7];
  const hasSib = low === 4;
  const sib = hasSib ? byteOf(values[4]) : 0;
  if (sib === null) return null;
  const baseLow = hasSib ? sib & 7 : low;
  const indexNumber = ((payload & 0x20) >> 1) | ((payload & 2) << 2) | ((sib >> 3) & 7);
  // Without a mode, the number of RBP stands for a displacement alone; without SIB, from RIP.
  const isWithoutBase = mode === 0 && baseLow === 5;
  const at = hasSib ? 5 : 4;
  const displacement = displacementAt(values, at, isWithoutBase ? 2 : mode);
  if (!displacement) return null;
  const baseNumber = (payload & 0x10) | ((payload & 1) << 3) | baseLow;
  const base = isWithoutBase ? (hasSib ? null : instructionPointer(place)) : registerNumbered(baseNumber, 64, place);
  const index = hasSib && indexNumber !== 4 ? registerNumbered(indexNumber, 64, place) : null;
  return {
    operand: {
      kind: 'memory',
      base,
      index,
      scale: 1 << (sib >> 6),
      displacement: displacement.expression,
      segment: null,
      ...(displacement.expression ?? place),
    },
    length: at + displacement.length,
  };
}

/** The displacement of a mode: none, one byte, or four bytes, which may be written one by one. */
function displacementAt(
  values: readonly EncodedValue[],
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

/** The number that a value is, when it is a byte and known. */
function byteOf(value: EncodedValue | undefined): number | null {
  const form = value?.size === 1 ? value.expression.value : null;
  return form?.symbols.size === 0 && form.constant >= -128 && form.constant < 256 ? form.constant & 0xff : null;
}

function spanOf(values: readonly EncodedValue[]): Span {
  return {
    start: Math.min(...values.map(({ expression }) => expression.start)),
    end: Math.max(...values.map(({ expression }) => expression.end)),
  };
}

function registerOperand(number: number, width: 32 | 64, place: Span): AsmOperand {
  return { kind: 'register', ...registerNumbered(number, width, place) };
}

function registerNumbered(number: number, width: 32 | 64, { start, end }: Span): AsmRegister {
  const gpr = GPRS[number] ?? null;
  return { gpr, name: gpr === null ? '' : partName(gpr, width), width, inline: null, start, end };
}

function instructionPointer({ start, end }: Span): AsmRegister {
  return { gpr: null, name: 'rip', width: 64, inline: null, start, end };
}

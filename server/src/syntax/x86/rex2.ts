import type { DataValue } from '../assembler/instruction.js';
import type { AsmOperand } from '../assembler/operand.js';
import type { Span } from '../text/sourceText.js';
import { byteOf, modRmOperands, registerOperand, type EncodedOperands } from './modrm.js';
import { numberedOpcode, REGISTER_OPCODES } from './opcodes.js';

/** An instruction that was decoded. Operands in AT&T order. */
interface DecodedInstruction {
  readonly mnemonic: string;
  readonly operands: readonly AsmOperand[];
}

/** What the beginning of a list of values is: an instruction of so many of them, the beginning of one, or neither. */
type Decoded = (DecodedInstruction & { readonly length: number }) | 'incomplete' | 'unknown';

const PREFIX = 0xd5;

/** The payload's bits, from the highest: M0 R4 X4 B4 W R3 X3 B3 (Intel APX specification, 3.1.2). */
const M0 = 0x80;
const W = 0x08;

/** Prefix, payload, opcode, ModRM, SIB and four bytes of displacement. */
const LONGEST = 9;

/**
 * Decodes instructions with a REX2 prefix, as kernels write them for assemblers that do not know R16-R31: prefix, payload,
 * opcode, ModRM, SIB, displacement.
 *
 * Returns the instructions that a list of values encodes, and those values at its end that begin one more; none of either
 * for a list that holds anything else.
 */
export function decodeRex2(values: readonly DataValue[]): {
  readonly instructions: readonly DecodedInstruction[];
  readonly rest: readonly DataValue[];
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

/** What each of an instruction's first bytes may be: prefix, payload for opcode map 0, opcode. */
const BEGINNING: readonly ((byte: number) => boolean)[] = [
  (byte) => byte === PREFIX,
  (byte) => (byte & M0) === 0,
  (byte) => REGISTER_OPCODES.has(byte) || numberedOpcode(byte) !== null,
];

function firstInstruction(values: readonly DataValue[]): Decoded {
  const beginning = values.slice(0, BEGINNING.length);
  const isUnknown = beginning.some((value, i) => {
    const byte = byteOf(value);
    return byte === null || !BEGINNING[i]?.(byte);
  });
  if (isUnknown) return 'unknown';
  const [payload, byte] = [byteOf(values[1]), byteOf(values[2])];
  if (payload === null || byte === null) return 'incomplete';
  const place = spanOf(beginning);
  const numbered = numberedOpcode(byte);
  if (numbered !== null) {
    const register = registerOperand(encodedOperands(values, payload, place).high.base | (byte & 7), 64, place);
    return { mnemonic: numbered, operands: [register], length: BEGINNING.length };
  }
  const opcode = REGISTER_OPCODES.get(byte);
  const modrm = values[BEGINNING.length];
  if (!opcode || (modrm && byteOf(modrm) === null)) return 'unknown';
  const operands = modRmOperands(encodedOperands(values, payload, spanOf([...beginning, ...(modrm ? [modrm] : [])])));
  if (!operands) return values.length < LONGEST ? 'incomplete' : 'unknown';
  const { register, other, end } = operands;
  return {
    mnemonic: opcode.mnemonic,
    operands: opcode.isToRegister ? [other, register] : [register, other],
    length: end,
  };
}

function encodedOperands(values: readonly DataValue[], payload: number, place: Span): EncodedOperands {
  return {
    values,
    at: BEGINNING.length,
    width: (payload & W) !== 0 ? 64 : 32,
    // R4 and R3, B4 and B3, X4 and X3 become the bits of 16 and 8.
    high: {
      reg: ((payload & 0x40) >> 2) | ((payload & 0x04) << 1),
      base: (payload & 0x10) | ((payload & 0x01) << 3),
      index: ((payload & 0x20) >> 1) | ((payload & 0x02) << 2),
    },
    place,
  };
}

function spanOf(values: readonly DataValue[]): Span {
  return {
    start: Math.min(...values.map(({ expression }) => expression.start)),
    end: Math.max(...values.map(({ expression }) => expression.end)),
  };
}

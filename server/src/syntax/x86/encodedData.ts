import type { AsmCode, AsmData, AsmInstruction, DataValue } from '../assembler/instruction.js';
import { wholeInstruction } from './opcodes.js';
import { decodeRex2 } from './rex2.js';

/** Data that begins an encoding, and stands for it as long as the rest has not come. */
interface BegunEncoding {
  readonly values: readonly DataValue[];
  readonly data: AsmInstruction;
}

/**
 * The instructions of code in which data may encode some: kernels write instructions as `.byte`, and displacements in them
 * as `.long`, for assemblers that do not know them. A `.byte` that encodes none is an instruction of that name; other data
 * is left out. An encoding goes on from one directive to the next where neither a label nor an instruction is between.
 */
export function decodeData(
  code: readonly (AsmInstruction | AsmData)[],
  wordSize: 4 | 8,
): Pick<AsmCode, 'instructions' | 'data'> {
  const instructions: AsmInstruction[] = [];
  const allData: AsmData[] = [];
  let begun: BegunEncoding | null = null;
  for (const piece of code) {
    const before: BegunEncoding | null = piece.labels.length === 0 ? begun : null;
    begun = null;
    if (!('values' in piece)) {
      instructions.push(piece);
      continue;
    }
    allData.push(piece);
    if (before || piece.values.every(({ size }) => size === 1)) {
      if (before) instructions.pop();
      const data: AsmInstruction = { ...(before?.data ?? byteInstruction(piece)), end: piece.end };
      const decoded = decodedValues([...(before?.values ?? []), ...piece.values], wordSize);
      instructions.push(...decoded.instructions.map((found) => ({ ...data, ...found })));
      if (decoded.rest.length > 0) begun = { values: decoded.rest, data };
      if (begun || decoded.instructions.length === 0) instructions.push(data);
    }
  }
  return { instructions, data: allData };
}

function decodedValues(values: readonly DataValue[], wordSize: 4 | 8): ReturnType<typeof decodeRex2> {
  // Outside of 64-bit mode, the byte of the REX2 prefix is an instruction of its own.
  return wordSize === 8 ? decodeRex2(values) : { instructions: [], rest: [] };
}

/** What a `.byte` is by itself. */
function byteInstruction({ values, ...place }: AsmData): AsmInstruction {
  const bytes = values.map(({ expression: { value } }) => (value?.symbols.size === 0 ? value.constant : null));
  return { ...place, mnemonic: wholeInstruction(bytes) ?? '.byte', prefixes: [], operands: [], bytes, unread: null };
}

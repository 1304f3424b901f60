import { encodedMnemonic, type AsmInstruction } from './instruction.js';
import { decodeRex2, type EncodedValue } from '../x86/rex2.js';

/** Data that begins an encoding. It is the last instruction so far. */
export interface BegunEncoding {
  readonly values: readonly EncodedValue[];
  readonly data: AsmInstruction;
}

/** The bytes of each value of a directive that kernels write instructions with; null for another. */
export function sizeOfData(directive: string): EncodedValue['size'] | null {
  return directive === '.byte' ? 1 : /^\.(?:long|int|4byte)$/.test(directive) ? 4 : null;
}

/**
 * What data stands for, together with the data before it that began an encoding: the instructions that it encodes; itself
 * where that is none, or where the last one goes on in the data that follows.
 */
export function encodedInstructions(
  data: AsmInstruction,
  values: readonly EncodedValue[],
  begun: BegunEncoding | null,
  wordSize: 4 | 8,
): { readonly instructions: readonly AsmInstruction[]; readonly begun: BegunEncoding | null } {
  const bytes = values.map(({ expression: { value } }) => (value?.symbols.size === 0 ? value.constant : null));
  const whole = { ...(begun?.data ?? { ...data, mnemonic: encodedMnemonic(bytes), bytes }), end: data.end };
  // 0xd5 is another instruction outside of 64-bit mode.
  const decoded = wordSize === 8 ? decodeRex2([...(begun?.values ?? []), ...values]) : { instructions: [], rest: [] };
  const instructions = decoded.instructions.map((found) => ({ ...whole, ...found }));
  if (decoded.rest.length > 0)
    return { instructions: [...instructions, whole], begun: { values: decoded.rest, data: whole } };
  return { instructions: instructions.length > 0 ? instructions : [whole], begun: null };
}

import type { AsmInstruction } from '../../syntax/assembler/instruction.js';

/** The VM-entry that a function does itself, by an instruction or a call of firmware. */
export interface GuestEntryAt {
  /** The instruction's mnemonic, or the name of the firmware call. */
  readonly instruction: string;
  readonly offset: number;
}

/** The first instruction that is one of those that enter a guest; null without any. */
export function entryAmong(
  instructions: readonly AsmInstruction[],
  entering: ReadonlySet<string>,
): GuestEntryAt | null {
  const entry = instructions.find(({ mnemonic }) => entering.has(mnemonic));
  return entry ? { instruction: entry.mnemonic, offset: entry.start } : null;
}

/** What enters a guest: instructions by their mnemonics, and assembly functions by their names. */
export interface Entering {
  readonly instructions: ReadonlySet<string>;
  readonly functions: ReadonlySet<string>;
}

/** Assembly functions that enter a guest themselves, or by a call of one that does. */
export function enteringFunctions(
  instructions: readonly AsmInstruction[],
  mnemonics: ReadonlySet<string>,
): ReadonlySet<string> {
  const functions = new Set<string>();
  for (let before = -1; before < functions.size;) {
    before = functions.size;
    for (const instruction of instructions) {
      if (instruction.function === null) continue;
      if (isEntry(instruction, { instructions: mnemonics, functions })) functions.add(instruction.function);
    }
  }
  return functions;
}

/** Whether an instruction enters a guest, itself or by a call. */
export function isEntry(instruction: AsmInstruction, entering: Entering): boolean {
  if (entering.instructions.has(instruction.mnemonic)) return true;
  const callee = calledSymbol(instruction);
  return callee !== null && entering.functions.has(callee) && callee !== instruction.function;
}

/** The function that an instruction calls by its name; null for any other instruction. */
export function calledSymbol({ mnemonic, operands: [target] }: AsmInstruction): string | null {
  if (!/^callq?$/.test(mnemonic) || target?.kind !== 'symbol') return null;
  const [symbol, more] = target.expression.value?.symbols.keys() ?? [];
  return more === undefined ? (symbol ?? null) : null;
}

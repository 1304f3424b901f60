import type { Guard } from '../../syntax/conditions/guard.js';
import { configGuardsAt, type MacroDefinition } from '../../syntax/preprocessor/directives.js';
import { bitNumbers, expandedMask } from './registerBits.js';
import { memberWritten } from './registerFile.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import type { TreeSymbols } from '../symbols/treeSymbols.js';

/** A macro that names a set of registers: `VMX_REGS_LAZY_LOAD_SET`. */
export interface RegisterSet {
  readonly name: string;
  /** Offset of its name. */
  readonly offset: number;
  readonly members: readonly string[];
  /** Its value is the complement of the members: `~(1 << X)`. */
  readonly isComplement: boolean;
  readonly conditions: readonly Guard[];
}

/** The sets that a file defines: object-like macros made of `BIT(REGISTER)` or `1 << REGISTER` joined by `|`. */
export function registerSets(file: SourceOutline, symbols: TreeSymbols): RegisterSet[] {
  return file.directives.macros.flatMap((macro) => {
    if (macro.parameters !== null || !symbols.registerMacros.has(macro.name)) return [];
    return setOf(file, macro, symbols) ?? [];
  });
}

function setOf(file: SourceOutline, macro: MacroDefinition, symbols: TreeSymbols): RegisterSet | null {
  const tokens = expandedMask(macro.body, symbols);
  const members = bitNumbers(tokens).flatMap(({ text }) => {
    const member = memberWritten(symbols.registers, text);
    return member ? [member.aliasOf ?? member.name] : [];
  });
  if (members.length === 0) return null;
  return {
    name: macro.name,
    offset: macro.nameStart,
    members,
    isComplement: tokens.find((token) => token.text !== '(')?.text === '~',
    conditions: configGuardsAt(file.directives, macro.start),
  };
}

import { expand } from '../syntax/macroExpansion.js';
import { conditionsAt } from '../syntax/preprocessor.js';
import type { SourceOutline } from './sourceOutline.js';
import type { Vocabulary } from './vocabulary.js';

/** A macro that names a set of registers: `VMX_REGS_LAZY_LOAD_SET`. */
export interface RegisterSet {
  readonly name: string;
  /** Offset of its name. */
  readonly offset: number;
  readonly members: readonly string[];
  /** Its value is the complement of the members: `~(1 << X)`. */
  readonly isComplement: boolean;
  readonly conditions: readonly string[];
}

/** The sets that a file defines: object-like macros made of `BIT(REGISTER)` or `1 << REGISTER` joined by `|`. */
export function registerSets(file: SourceOutline, vocabulary: Vocabulary): RegisterSet[] {
  const { registers, macros } = vocabulary;
  return file.directives.macros.flatMap((macro) => {
    if (macro.parameters !== null) return [];
    const tokens = expand(macro.body, (name) => (name.startsWith('BIT') ? undefined : macros.get(name)?.definition));
    const members: string[] = [];
    tokens.forEach((token, i) => {
      const member = registers.byName.get(token.text) ?? registers.numberMacros.get(token.text);
      const isBit =
        tokens[i - 1]?.text === '<<' || (tokens[i - 1]?.text === '(' && /^BIT|^<<$/.test(tokens[i - 2]?.text ?? ''));
      if (member && isBit) members.push(member.aliasOf ?? member.name);
    });
    if (members.length === 0) return [];
    const first = tokens.find((token) => token.text !== '(');
    return [
      {
        name: macro.name,
        offset: macro.nameStart,
        members,
        isComplement: first?.text === '~',
        conditions: conditionsAt(file.directives, macro.start),
      },
    ];
  });
}

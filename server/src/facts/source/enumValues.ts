import type { OutlineItem } from '../../syntax/c/outline.js';
import { readDirectives, type MacroDefinition } from '../../syntax/preprocessor/directives.js';
import { integerValue } from '../../syntax/preprocessor/integers.js';
import type { MacroLookup } from '../../syntax/preprocessor/macroExpansion.js';
import type { TreeSymbols } from '../symbols/treeSymbols.js';
import { enumerators } from './enumerators.js';
import type { SourceOutline } from './sourceOutline.js';

/** A member of an enum: its value, null where that cannot be computed, and where in its file its name is. */
export interface EnumNumber {
  readonly value: bigint | null;
  readonly offset: number;
}

/** The members of an enum with their values (C11 6.7.2.2). */
export function enumNumbers(file: SourceOutline, item: OutlineItem, macros: MacroLookup): Map<string, EnumNumber> {
  const numbers = new Map<string, EnumNumber>();
  let next: bigint | null = 0n;
  for (const { name, initializer } of enumerators(file, item)) {
    const value: bigint | null =
      initializer.length > 0 ? integerValue(initializer, macros, (n) => numbers.get(n)?.value ?? null) : next;
    numbers.set(name.text, { value, offset: name.start });
    next = value === null ? null : value + 1n;
  }
  return numbers;
}

/** The values of all enums' members, by name; null for any other word. An enum is read when one of its members is asked for. */
export function enumValues(outlines: readonly SourceOutline[], macros: MacroLookup): (name: string) => bigint | null {
  const known = new Map<string, bigint | null>();
  const find = (name: string) => {
    for (const file of outlines)
      for (const item of file.items)
        if (item.kind === 'enum' && item.words.has(name))
          return enumNumbers(file, item, macros).get(name)?.value ?? null;
    return null;
  };
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const value = find(name);
    known.set(name, value);
    return value;
  };
}

/** A tree's macros, with those of linux/bits.h, which is not among the files that are read. */
export function withBitMacros(macros: TreeSymbols['macros']): MacroLookup {
  return (name) => macros.get(name)?.definition ?? BIT_MACROS.get(name);
}

const BIT = ['BIT', 'BIT_ULL', 'BIT_U32', 'BIT_U64'].map((name) => `#define ${name}(n) (1 << (n))\n`);
const RANGE = ['GENMASK', 'GENMASK_ULL', 'GENMASK_U32', 'GENMASK_U64'].map(
  (name) => `#define ${name}(h, l) (((1 << (h)) | ((1 << (h)) - 1)) & ~((1 << (l)) - 1))\n`,
);
const BIT_MACROS: ReadonlyMap<string, MacroDefinition> = new Map(
  readDirectives([...BIT, ...RANGE].join('')).macros.map((m) => [m.name, m]),
);

/** Whether a name is a macro of linux/bits.h that makes a mask. */
export function isBitMacro(name: string): boolean {
  return BIT_MACROS.has(name);
}

import { integerValue } from '../../syntax/integers.js';
import type { MacroLookup } from '../../syntax/macroExpansion.js';
import type { OutlineItem } from '../../syntax/outline.js';
import { readDirectives, type MacroDefinition } from '../../syntax/preprocessor.js';
import { locationAt, type Location, type SourceText } from '../../syntax/sourceText.js';
import { tokenize, type Token } from '../../syntax/tokens.js';
import { enumerators } from '../enumerators.js';
import type { SourceOutline } from '../sourceOutline.js';
import type { Vocabulary } from '../vocabulary.js';
import { COMPONENT_ENUM, MASK_PREFIX } from './components.js';

/** A place of the source, with its offset. */
export interface Site extends Location {
  readonly offset: number;
}

export function siteAt(source: SourceText, offset: number): Site {
  return { ...locationAt(source, offset), offset };
}

/** A macro with its place. */
export interface NamedSite extends Site {
  readonly name: string;
}

/** A member of the FPU core's enum of components. */
export interface ComponentFact {
  readonly name: string;
  readonly number: number | null;
  readonly declared: Site;
  /** The macro of its bit. */
  readonly mask: NamedSite | null;
  /** The struct whose size the FPU core holds against CPUID's. */
  readonly size: (Site & { readonly struct: string }) | null;
}

/** What a tree says of components, before anything of KVM. */
export interface ComponentFacts {
  readonly components: readonly ComponentFact[];
  /** Masks of components by the macro's name. */
  readonly masks: ReadonlyMap<string, NamedSite & { readonly bits: bigint }>;
  /** The bits that a constant expression of masks stands for; null where it is none. */
  readonly bitsOf: (text: string) => bigint | null;
}

/** Reads the components that a tree's FPU core numbers. */
export function readComponentFacts(outlines: readonly SourceOutline[], macros: Vocabulary['macros']): ComponentFacts {
  const found = outlines.flatMap((file) =>
    file.items.filter((item) => item.kind === 'enum' && item.name === COMPONENT_ENUM).map((item) => ({ file, item })),
  );
  const [first] = found;
  const lookup: MacroLookup = (name) => macros.get(name)?.definition ?? BIT_MACROS.get(name);
  const numbers = first ? numbersOf(first.file, first.item, lookup) : new Map<string, Numbered>();
  const valueOf = (tokens: readonly Token[]) =>
    integerValue(tokens, lookup, (name) => numbers.get(name)?.value ?? null);
  const masks = new Map<string, NamedSite & { bits: bigint }>();
  const named = new Map<string, NamedSite>();
  for (const file of outlines) {
    for (const macro of file.directives.macros) {
      if (!isMask(macro) || masks.has(macro.name)) continue;
      const site = { name: macro.name, ...siteAt(file.source, macro.nameStart) };
      const bits = valueOf(macro.body);
      if (bits !== null) masks.set(macro.name, { ...site, bits });
      for (const { text } of macro.body) if (numbers.has(text) && !named.has(text)) named.set(text, site);
    }
  }
  const sizes = componentSizes(outlines, numbers);
  const components = [...numbers].flatMap(([name, { value, declared }]): ComponentFact[] => {
    const mask = named.get(name) ?? null;
    if (isMarker(name, mask !== null)) return [];
    return [{ name, number: value === null ? null : Number(value), declared, mask, size: sizes.get(name) ?? null }];
  });
  return { components, masks, bitsOf: (text) => valueOf(tokenize(text)) };
}

/** Members that number no component: the end, and numbers that the manual leaves to others and no mask names. */
function isMarker(name: string, hasMask: boolean): boolean {
  return !hasMask && /_MAX$|_RSRVD_|_RESERVED_|^NR_/.test(name);
}

function isMask(macro: MacroDefinition): boolean {
  return macro.parameters === null && (macro.name.startsWith(MASK_PREFIX) || macro.body.some(namesMask));
}

function namesMask(token: Token): boolean {
  return token.text.startsWith(MASK_PREFIX);
}

/** linux/bits.h, which is not among the files that are read. */
const BIT_MACROS: ReadonlyMap<string, MacroDefinition> = new Map(
  readDirectives('#define BIT(n) (1 << (n))\n#define BIT_ULL(n) (1 << (n))\n').macros.map((m) => [m.name, m]),
);

interface Numbered {
  readonly value: bigint | null;
  readonly declared: Site;
}

function numbersOf(file: SourceOutline, item: OutlineItem, macros: MacroLookup): Map<string, Numbered> {
  const numbers = new Map<string, Numbered>();
  let next: bigint | null = 0n;
  for (const { name, initializer } of enumerators(file, item)) {
    const value: bigint | null =
      initializer.length > 0 ? integerValue(initializer, macros, (n) => numbers.get(n)?.value ?? null) : next;
    numbers.set(name.text, { value, declared: siteAt(file.source, name.start) });
    next = value === null ? null : value + 1n;
  }
  return numbers;
}

/** Where the FPU core checks a component's size against a struct's: both stand in one statement, the component first. */
function componentSizes(
  outlines: readonly SourceOutline[],
  numbers: ReadonlyMap<string, Numbered>,
): Map<string, Site & { readonly struct: string }> {
  const sizes = new Map<string, Site & { readonly struct: string }>();
  for (const file of outlines) {
    for (const item of file.items) {
      if (item.kind !== 'function' || !item.words.has('struct')) continue;
      if (![...item.words.keys()].some((word) => numbers.has(word))) continue;
      let component: Token | null = null;
      const tokens = tokenize(file.code, item.bodyStart, item.end);
      tokens.forEach((token, i) => {
        if (numbers.has(token.text)) component = token;
        else if (token.text === ';') component = null;
        const tag = token.text === 'struct' ? tokens[i + 1] : undefined;
        if (component && tag?.kind === 'word' && !sizes.has(component.text))
          sizes.set(component.text, { ...siteAt(file.source, component.start), struct: tag.text });
      });
    }
  }
  return sizes;
}

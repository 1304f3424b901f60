import { holdsAny } from '../../syntax/c/outline.js';
import { integerValue } from '../../syntax/preprocessor/integers.js';
import type { Guard } from '../../syntax/conditions/guard.js';
import type { MacroDefinition } from '../../syntax/preprocessor/directives.js';
import type { MacroLookup } from '../../syntax/preprocessor/macroExpansion.js';
import { locationAt, type Location, type SourceText } from '../../syntax/text/sourceText.js';
import { tokenize, type Token } from '../../syntax/text/tokens.js';
import { enumNumbers, enumValues, withBitMacros, type EnumNumber } from '../source/enumValues.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import type { TreeSymbols } from '../symbols/treeSymbols.js';
import { APX_COMPONENT, APX_MASK, COMPONENT_ENUM, COMPONENT_PREFIX, MASK_PREFIX } from './architecturalComponents.js';
import { initialMasks, type InitialMask } from './initialMasks.js';
import { configuredMacros, guardsOfWay, waysOf, type ConfiguredDefinition } from './configuredMasks.js';
import { keptTable } from '../../cache/keptTables.js';
import { memoizeByFingerprint, memoizeByIdentity, memoizeByName } from '../../cache/memoize.js';

/** A place of the source, with its offset. */
export interface Site extends Location {
  readonly offset: number;
}

export function siteAt(source: SourceText, offset: number): Site {
  return { ...locationAt(source, offset), offset };
}

/** A macro with its place. */
interface NamedSite extends Site {
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
  /** The same for each configuration of the kernel that makes a difference: one way where none does. */
  readonly waysOf: (text: string) => readonly MaskWay[];
  /** What variables of masks begin with. */
  readonly initial: readonly InitialMask[];
}

/** A constant expression of masks as one configuration of the kernel has it. */
export interface MaskWay {
  readonly bits: bigint | null;
  readonly guards: readonly Guard[];
  /** The macro that is defined so; null where no configuration makes a difference. */
  readonly macro: NamedSite | null;
}

/** Reads the components that a tree's FPU core numbers. */
export function readComponentFacts(outlines: readonly SourceOutline[], macros: TreeSymbols['macros']): ComponentFacts {
  const found = outlines.flatMap((file) =>
    file.items.filter((item) => item.kind === 'enum' && item.name === COMPONENT_ENUM).map((item) => ({ file, item })),
  );
  const [first] = found;
  const lookup = withBitMacros(macros);
  const numbers = first ? enumNumbers(first.file, first.item, lookup) : new Map<string, EnumNumber>();
  const enumerated = enumValues(outlines, lookup);
  /** Constants of C that are masks, by name. */
  const constants = new Map<string, bigint>();
  const valueOf = (tokens: readonly Token[], macrosOfWay: MacroLookup = lookup) =>
    integerValue(
      tokens,
      macrosOfWay,
      (name) => numbers.get(name)?.value ?? constants.get(name) ?? unknownMask(name) ?? enumerated(name),
    );
  const several = new Set<string>();
  for (const [name, value] of outlines.flatMap(constantMasks)) {
    const bits = valueOf(tokenize(value));
    if (constants.has(name) && constants.get(name) !== bits) several.add(name);
    if (bits !== null) constants.set(name, bits);
  }
  // What one configuration has otherwise than another is not known.
  for (const name of several) constants.delete(name);
  const masks = new Map<string, NamedSite & { bits: bigint }>();
  const named = new Map<string, NamedSite>();
  for (const file of outlines) {
    for (const macro of maskMacros(file)) {
      if (masks.has(macro.name)) continue;
      const site = { name: macro.name, ...siteAt(file.source, macro.nameStart) };
      const bits = valueOf(macro.body);
      if (bits !== null) masks.set(macro.name, { ...site, bits });
      for (const { text } of macro.body) if (numbers.has(text) && !named.has(text)) named.set(text, site);
    }
  }
  const sizes = componentSizes(outlines, numbers);
  const components = [...numbers].flatMap(([name, { value, offset }]): ComponentFact[] => {
    if (!first) return [];
    const declared = siteAt(first.file.source, offset);
    const mask = named.get(name) ?? null;
    if (isMarker(name, mask !== null)) return [];
    return [{ name, number: value === null ? null : Number(value), declared, mask, size: sizes.get(name) ?? null }];
  });
  const configured = configuredMacros(outlines);
  const maskWay = (tokens: readonly Token[], way: readonly ConfiguredDefinition[]): MaskWay => {
    const [first] = way;
    const own = (name: string) => way.find(({ definition }) => definition.name === name)?.definition ?? lookup(name);
    const macro = first && { name: first.definition.name, ...siteAt(first.source, first.definition.nameStart) };
    return { bits: valueOf(tokens, own), guards: guardsOfWay(way), macro: macro ?? null };
  };
  return {
    components,
    masks,
    bitsOf: memoizeByName((text) => valueOf(tokenize(text))),
    initial: outlines.flatMap(initialMasks),
    waysOf: memoizeByName((text) => {
      const tokens = tokenize(text);
      return waysOf(tokens, lookup, configured).map((way) => maskWay(tokens, way));
    }),
  };
}

/** The constants of a file outside functions that are made of masks or of components' bits, with their values as written: `static const u64 ALLOWED = ...`. */
const constantMasks = memoizeByIdentity(
  ({ code, items }: SourceOutline): (readonly [string, string])[] =>
    items.flatMap(({ kind, name, start, end }) => {
      const text = kind === 'object' ? code.slice(start, end) : '';
      const value = /\bconst\b[^=]*=([^;{]*);/.exec(text)?.[1];
      return value?.includes(COMPONENT_PREFIX) ? [[name, value] as const] : [];
    }),
  keptTable('constantMasks'),
);

/** A mask that the tree does not define, such as one of a series applied by half, has none of the components that it does. */
function unknownMask(name: string): bigint | null {
  if (name === APX_MASK) return 1n << BigInt(APX_COMPONENT);
  return name.startsWith(MASK_PREFIX) ? 0n : null;
}

/** Members that number no component: the end, and numbers that the manual leaves to others and no mask names. */
function isMarker(name: string, hasMask: boolean): boolean {
  return !hasMask && /_MAX$|_RSRVD_|_RESERVED_|^NR_/.test(name);
}

/** The macros of a file that may be masks. */
const maskMacros = memoizeByIdentity(
  ({ directives }: SourceOutline): readonly MacroDefinition[] => directives.macros.filter(isMask),
  keptTable('maskMacros'),
);

function isMask(macro: MacroDefinition): boolean {
  return macro.parameters === null && (macro.name.startsWith(MASK_PREFIX) || macro.body.some(namesMask));
}

function namesMask(token: Token): boolean {
  return token.text.startsWith(MASK_PREFIX);
}

type Sizes = ReadonlyMap<string, Site & { readonly struct: string }>;

/** Where the FPU core checks a component's size against a struct's. */
function componentSizes(outlines: readonly SourceOutline[], numbers: ReadonlyMap<string, EnumNumber>): Sizes {
  const names = [...numbers.keys()];
  const found = new Map<string, Site & { readonly struct: string }>();
  for (const file of outlines)
    for (const [name, size] of sizesIn(file)(names)) if (!found.has(name)) found.set(name, size);
  return found;
}

/** The sizes in a file, by the names of components that are looked for. */
const sizesIn = memoizeByIdentity((file: SourceOutline) =>
  memoizeByFingerprint(
    (names: readonly string[]) => names,
    (names) => readSizes(file, new Set(names)),
  ),
);

/** A component and a struct stand in one statement, the component first. */
function readSizes({ items, code, source }: SourceOutline, names: ReadonlySet<string>): Sizes {
  const sizes = new Map<string, Site & { readonly struct: string }>();
  for (const item of items) {
    if (item.kind !== 'function' || !item.words.has('struct') || !holdsAny(item, names)) continue;
    let component: Token | null = null;
    let before: Token | null = null;
    for (const token of tokenize(code, item.bodyStart, item.end)) {
      if (token.text === ';') component = null;
      else if (names.has(token.text)) component ??= token;
      else if (component && before?.text === 'struct' && token.kind === 'word') {
        if (!sizes.has(component.text))
          sizes.set(component.text, { ...siteAt(source, component.start), struct: token.text });
        component = null;
      }
      before = token;
    }
  }
  return sizes;
}

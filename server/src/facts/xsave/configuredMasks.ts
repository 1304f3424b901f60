import { memoizeByIdentity } from '../../cache/memoize.js';
import { unionGuards, type Guard } from '../../syntax/conditions/guard.js';
import { configHolds } from '../../syntax/preprocessor/conditionTruth.js';
import { configGuardsAt, type MacroDefinition } from '../../syntax/preprocessor/directives.js';
import { seenByOneLanguage } from '../../syntax/preprocessor/languageRanges.js';
import type { MacroLookup } from '../../syntax/preprocessor/macroExpansion.js';
import type { SourceText } from '../../syntax/text/sourceText.js';
import type { Token } from '../../syntax/text/tokens.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import { COMPONENT_PREFIX } from './architecturalComponents.js';

/*
 * Macros that the kernel's configuration gives one set of components or another: `#ifdef CONFIG_X`, `#define M MASK`, `#else`,
 * `#define M 0`. Who reads the first definition alone takes what is under a condition for what always is.
 */

/** One of a macro's definitions, with the configuration that it holds in. */
export interface ConfiguredDefinition {
  readonly source: SourceText;
  readonly definition: MacroDefinition;
  readonly guards: readonly Guard[];
}

/** The macros of a tree with several definitions, by name. */
export type ConfiguredMacros = ReadonlyMap<string, readonly ConfiguredDefinition[]>;

/** A tree's macros that have definitions for one configuration and for another, of which one names components. */
export function configuredMacros(outlines: readonly SourceOutline[]): ConfiguredMacros {
  return new Map(outlines.flatMap((file) => [...configuredIn(file)]));
}

const configuredIn = memoizeByIdentity(({ source, directives }: SourceOutline): ConfiguredMacros => {
  const all = new Map<string, ConfiguredDefinition[]>();
  const { isForAssembly } = seenByOneLanguage(source.text, directives);
  for (const definition of directives.macros) {
    const guards = configGuardsAt(directives, definition.start);
    const isSeen = definition.parameters === null && !isForAssembly(definition.start);
    if (guards.length === 0 || !isSeen || configHolds(guards, 8) === false) continue;
    all.set(definition.name, [...(all.get(definition.name) ?? []), { source, definition, guards }]);
  }
  return new Map([...all].filter(([, found]) => found.length > 1 && found.some(namesComponents)));
});

function namesComponents({ definition }: ConfiguredDefinition): boolean {
  return definition.body.some(({ text }) => text.startsWith(COMPONENT_PREFIX));
}

/** Ways through a few such macros at once; with more of them, each has its first definition. */
const MOST_WAYS = 16;

/** What an expression's macros are defined as, for each configuration that they tell apart: one way for what has no such macro. */
export function waysOf(
  tokens: readonly Token[],
  lookup: MacroLookup,
  configured: ConfiguredMacros,
): (readonly ConfiguredDefinition[])[] {
  if (configured.size === 0) return [[]];
  const names = [...reached(tokens, lookup, new Set())].filter((name) => configured.has(name));
  const ways = names.reduce<(readonly ConfiguredDefinition[])[]>(
    (before, name) => before.flatMap((way) => (configured.get(name) ?? []).map((one) => [...way, one])),
    [[]],
  );
  return ways.length > MOST_WAYS ? [[]] : ways;
}

/** The macros that an expression is made of. */
function reached(tokens: readonly Token[], lookup: MacroLookup, names: Set<string>): ReadonlySet<string> {
  for (const { kind, text } of tokens) {
    const macro = kind === 'word' && !names.has(text) ? lookup(text) : undefined;
    if (macro) reached(macro.body, lookup, names.add(text));
  }
  return names;
}

/** The conditions of a way, each once. */
export function guardsOfWay(way: readonly ConfiguredDefinition[]): readonly Guard[] {
  return way.reduce<readonly Guard[]>((all, { guards }) => unionGuards(all, guards), []);
}

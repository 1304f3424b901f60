import { memoizeByIdentity } from '../../cache/memoize.js';
import type { Directives, MacroDefinition } from '../../syntax/preprocessor/directives.js';
import type { Span } from '../../syntax/text/sourceText.js';

/** A `#define` or `#undef` of a name that does not mean the same macro everywhere in its file. */
export interface MacroChange {
  readonly name: string;
  /** Of the directive, in the function whose changes are asked for; -1 for what holds where that begins. */
  readonly offset: number;
  /** null: from here on the name is no macro. */
  readonly definition: MacroDefinition | null;
}

/**
 * The changes of macros whose meaning depends on the place, in the order of the text: those with an `#undef` or several
 * definitions, and those that a function defines.
 */
export function macroChanges({ macros, undefinitions }: Directives, functions: readonly Span[]): MacroChange[] {
  const isInFunction = (offset: number) => functions.some(({ start, end }) => start < offset && offset < end);
  const defined = new Set<string>();
  const names = new Set(undefinitions.map(({ name }) => name));
  for (const { name, start } of macros) {
    if (defined.has(name) || isInFunction(start)) names.add(name);
    defined.add(name);
  }
  if (names.size === 0) return [];
  const changes = [
    ...macros.map((definition): MacroChange => ({ name: definition.name, offset: definition.start, definition })),
    ...undefinitions.map(({ name, start }): MacroChange => ({ name, offset: start, definition: null })),
  ];
  return changes.filter(({ name }) => names.has(name)).sort((a, b) => a.offset - b.offset);
}

/** A file's changes as a function of it sees them: what each name is where the function begins, then the changes inside. */
export function changesSeenBy(changes: readonly MacroChange[], { start, end }: Span): MacroChange[] {
  const names = [...new Set(changes.map(({ name }) => name))];
  const before = names.map((name): MacroChange => {
    return { name, offset: -1, definition: definitionAt(changes, name, start) ?? null };
  });
  const inside = changes.filter(({ offset }) => start <= offset && offset < end);
  return [...before, ...inside.map((change) => ({ ...change, offset: change.offset - start }))];
}

/**
 * What a name is at an offset, by the changes before it: null where it is no macro, undefined where no change is of it. A second
 * definition without an `#undef` before it is another branch's: the first counts.
 */
export function definitionAt(
  changes: readonly MacroChange[],
  name: string,
  offset: number,
): MacroDefinition | null | undefined {
  let known: MacroDefinition | null | undefined;
  for (const change of changes) {
    if (change.name === name && change.offset < offset) known = change.definition ? (known ?? change.definition) : null;
  }
  return known;
}

/** Whether two functions see the same changes at the same places of theirs. */
export function areSameChanges(some: readonly MacroChange[], others: readonly MacroChange[]): boolean {
  return some.length === others.length && some.every((change, i) => isSameChange(change, others[i]));
}

function isSameChange(one: MacroChange, other: MacroChange | undefined): boolean {
  if (one.name !== other?.name || one.offset !== other.offset) return false;
  const [own, its] = [one.definition, other.definition];
  return own === its || (own !== null && its !== null && meaningOf(own) === meaningOf(its));
}

/** What a macro means, wherever it is defined. */
export const meaningOf = memoizeByIdentity(({ parameters, variadic, body }: MacroDefinition): string =>
  JSON.stringify([parameters, variadic, body.map(({ text }) => text)]),
);

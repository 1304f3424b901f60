import { memoizeByIdentity } from '../../cache/memoize.js';
import type { OutlineItem } from '../../syntax/c/outline.js';
import type { MacroDefinition } from '../../syntax/preprocessor/directives.js';
import type { FunctionSource, PlacedFunction } from './functionSource.js';

/** Joins two tokens of a macro's body to one. It is indexed like a word. */
export const PASTE = '##';

/** What a tree's indexes are made of, without positions: most edits of a file leave them as they are, the same objects. */
export interface FileIndex {
  /** The names that its functions call. */
  readonly calledNames: ReadonlySet<string>;
  /** The names of the functions that it defines, and of those that it declares. */
  readonly definedNames: ReadonlySet<string>;
  readonly declaredNames: ReadonlySet<string>;
  /** Its macros, by the words that they name in their bodies. */
  readonly macroUsers: ReadonlyMap<string, readonly string[]>;
}

/** Indexes a file. Of `before`, its index at the last reading, each part that stayed the same is given again; null without one. */
export function fileIndex(
  { items, functions }: { readonly items: readonly OutlineItem[]; readonly functions: readonly PlacedFunction[] },
  macros: readonly MacroDefinition[],
  before: FileIndex | null,
): FileIndex {
  const kept = (names: ReadonlySet<string>, last: ReadonlySet<string> | undefined) =>
    last && isSameSet(last, names) ? last : names;
  const called = new Set(functions.flatMap(({ source }) => [...namesCalled(source)]));
  const defined = new Set(functions.map(({ source }) => source.name));
  const declared = items.flatMap(({ kind, calls }) => (kind === 'declaration' ? calls.map(({ name }) => name) : []));
  const users = usersOf(macros);
  return {
    calledNames: kept(called, before?.calledNames),
    definedNames: kept(defined, before?.definedNames),
    declaredNames: kept(new Set(declared), before?.declaredNames),
    macroUsers: before && areSameUsers(before.macroUsers, users) ? before.macroUsers : users,
  };
}

/** The names that a function calls, each once. */
export const namesCalled = memoizeByIdentity(({ calls }: FunctionSource) => new Set(calls.map((call) => call.name)));

function usersOf(macros: readonly MacroDefinition[]): FileIndex['macroUsers'] {
  const users = new Map<string, string[]>();
  for (const { name, body } of macros) {
    for (const { kind, text } of body) {
      if (kind !== 'word' && text !== PASTE) continue;
      const known = users.get(text);
      if (known) known.push(name);
      else users.set(text, [name]);
    }
  }
  return users;
}

function isSameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((name) => other.has(name));
}

function areSameUsers(one: FileIndex['macroUsers'], other: FileIndex['macroUsers']): boolean {
  return one.size === other.size && [...one].every(([word, users]) => users.join(' ') === other.get(word)?.join(' '));
}

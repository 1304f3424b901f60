import type { MacroLookup } from './macroExpansion.js';
import type { MacroDefinition } from './preprocessor.js';

/**
 * A pure function of an object and of a tree's macros. What it gave is remembered as long as the object lives and the macros
 * that it asked for are the same.
 */
export function onceForMacros<Key extends object, Result>(
  compute: (key: Key, lookup: MacroLookup) => Result,
): (key: Key, lookup: MacroLookup) => Result {
  const known = new WeakMap<Key, { readonly asked: Asked; readonly result: Result }>();
  return (key, lookup) => {
    const last = known.get(key);
    if (last && isSame(last.asked, lookup)) return last.result;
    const asked = new Map<string, MacroDefinition | undefined>();
    const result = compute(key, (name) => {
      const definition = lookup(name);
      asked.set(name, definition);
      return definition;
    });
    known.set(key, { asked, result });
    return result;
  };
}

type Asked = ReadonlyMap<string, MacroDefinition | undefined>;

function isSame(asked: Asked, lookup: MacroLookup): boolean {
  for (const [name, definition] of asked) if (lookup(name) !== definition) return false;
  return true;
}

import { memoizeByIdentity } from '../../cache/memoize.js';
import type { SourceOutline } from './sourceOutline.js';

/** Joins two tokens of a macro's body to one. It is indexed like a word. */
export const PASTE = '##';

/** The macros that have one of the words in a body, and those that come to one of them by way of others. All definitions of a name count. */
export function macrosReaching(outlines: readonly SourceOutline[], words: Iterable<string>): Set<string> {
  const found = new Set<string>();
  const addUsersOf = (word: string) => {
    for (const user of macrosNaming(outlines, word)) found.add(user);
  };
  for (const word of words) addUsersOf(word);
  // A set's iteration goes on to what is added meanwhile.
  for (const name of found) addUsersOf(name);
  return found;
}

/** The macros that have a word in a body of their own. */
export function macrosNaming(outlines: readonly SourceOutline[], word: string): string[] {
  return outlines.flatMap((file) => usersIn(file).get(word) ?? []);
}

/** Which macros of a file name each word in their bodies. */
const usersIn = memoizeByIdentity(({ directives }: SourceOutline): ReadonlyMap<string, readonly string[]> => {
  const users = new Map<string, string[]>();
  for (const { name, body } of directives.macros) {
    for (const { kind, text } of body) {
      if (kind !== 'word' && text !== PASTE) continue;
      const known = users.get(text);
      if (known) known.push(name);
      else users.set(text, [name]);
    }
  }
  return users;
});

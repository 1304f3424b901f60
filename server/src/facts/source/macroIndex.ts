import { memoizeByIdentity, memoizeByMembers } from '../../cache/memoize.js';
import type { FileIndex } from './fileIndex.js';
import type { SourceOutline } from './sourceOutline.js';

/** The macros that have one of the words in a body, and those that come to one of them by way of others. All definitions of a name count. */
export function macrosReaching(outlines: readonly SourceOutline[], words: Iterable<string>): Set<string> {
  const usersOf = usersAmong(outlines);
  const found = new Set<string>();
  const addUsersOf = (word: string) => {
    for (const user of usersOf(word)) found.add(user);
  };
  for (const word of words) addUsersOf(word);
  // A set's iteration goes on to what is added meanwhile.
  for (const name of found) addUsersOf(name);
  return found;
}

/** The macros that have a word in a body of their own. */
export function macrosNaming(outlines: readonly SourceOutline[], word: string): readonly string[] {
  return usersAmong(outlines)(word);
}

const usersAmong = memoizeByIdentity((outlines: readonly SourceOutline[]) =>
  usersByWord(outlines.map(({ index }) => index.macroUsers)),
);

const usersByWord = memoizeByMembers((files: readonly FileIndex['macroUsers'][]) => {
  const all = new Map<string, string[]>();
  for (const file of files)
    for (const [word, users] of file) {
      const known = all.get(word);
      if (known) known.push(...users);
      else all.set(word, [...users]);
    }
  return (word: string): readonly string[] => all.get(word) ?? [];
});

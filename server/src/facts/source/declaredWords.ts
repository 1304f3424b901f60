import { memoizeByIdentity, memoizeByName } from '../../cache/memoize.js';
import type { OutlineItem } from '../../syntax/c/outline.js';
import type { SourceOutline } from './sourceOutline.js';

/** Whether a word stands outside of the functions of a tree's C code, where what it names may be declared, or is a function's name. */
export function declaredWords(outlines: readonly SourceOutline[]): (word: string) => boolean {
  return memoizeByName((word) =>
    outlines.some((file) => wordsOutside(file).has(word) || file.index.definedNames.has(word)),
  );
}

/** Whether a word that nothing declares lacks a character of a declared one's at the end, or has one more. */
export function halfDeclaredWords(outlines: readonly SourceOutline[]): (word: string) => boolean {
  const isDeclared = declaredWords(outlines);
  return memoizeByName(
    (word) => isDeclared(word.slice(0, -1)) || outlines.some((file) => halvesOutside(file).has(word)),
  );
}

const halvesOutside = memoizeByIdentity(
  (file: SourceOutline): ReadonlySet<string> => new Set([...wordsOutside(file)].map((word) => word.slice(0, -1))),
);

const wordsOutside = memoizeByIdentity(
  ({ items }: SourceOutline): ReadonlySet<string> => new Set(items.flatMap(declaredBy)),
);

/** The words that an item may declare: not those that are a struct's members, a function's parameters, or in its body. */
function declaredBy({ kind, name, words, calls }: OutlineItem): string[] {
  if (kind === 'function') return [];
  if (kind === 'declaration' && calls.length > 0) return calls.map((call) => call.name);
  return kind === 'struct' && !words.has('enum') ? [name] : [...words.keys()];
}

import { lazy, memoizeByIdentity } from '../../cache/memoize.js';
import { seenByOneLanguage } from '../../syntax/preprocessor/languageRanges.js';
import type { OutlineItem } from '../../syntax/c/outline.js';
import type { SourceOutline } from './sourceOutline.js';

/** What a tree's C code declares. */
export interface DeclaredWords {
  /** Whether a word stands outside of functions, where what it names may be declared, or is a function's name. */
  readonly isDeclared: (word: string) => boolean;
  /** Whether a word that is not declared lacks a character of a declared one's at the end, or has one more. */
  readonly isHalfDeclared: (word: string) => boolean;
}

export function declaredWords(outlines: readonly SourceOutline[]): DeclaredWords {
  const declared = lazy(() => unionOf(outlines.flatMap((file) => [wordsOutside(file), file.index.definedNames])));
  const halves = lazy(() => unionOf(outlines.map(halvesOutside)));
  const isDeclared = (word: string) => declared().has(word);
  const isHalfDeclared = (word: string) => isDeclared(word.slice(0, -1)) || halves().has(word);
  return { isDeclared, isHalfDeclared };
}

/** One set of all words: made once a reading, in less time than a few hundred words are sought in every file. */
function unionOf(sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  const union = new Set<string>();
  for (const words of sets) for (const word of words) union.add(word);
  return union;
}

const halvesOutside = memoizeByIdentity((file: SourceOutline) => withoutLast(wordsOutside(file)));

/** Words without their last characters. */
export function withoutLast(words: Iterable<string>): ReadonlySet<string> {
  return new Set(Array.from(words, (word) => word.slice(0, -1)));
}

const wordsOutside = memoizeByIdentity(({ source, directives, items, code }: SourceOutline): ReadonlySet<string> => {
  const { isForAssembly } = seenByOneLanguage(source.text, directives);
  return new Set(items.filter(({ start }) => !isForAssembly(start)).flatMap((item) => declaredBy(item, code)));
});

/** The words that an item may declare: not those that are a struct's members, a function's parameters, or in a body or an initialiser. */
function declaredBy(item: OutlineItem, code: string): string[] {
  const { kind, name, words, calls, bodyStart, end } = item;
  if (kind === 'function') return [];
  if (kind === 'declaration' && calls.length > 0) return calls.map((call) => call.name);
  if (kind === 'object' && bodyStart >= 0) return [name];
  const isStruct = kind === 'struct' && !(words.has('enum') && ENUM_BODY.test(code.slice(bodyStart, end)));
  return isStruct ? [name] : [...words.keys()];
}

/** An enum that is declared in a struct: its enumerators are known outside. */
const ENUM_BODY = /\benum\s(?:\w+\s)?\{/;
